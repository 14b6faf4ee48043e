"""What detectors that are asked by phrase share: phrases as prompts, and one model input for each phrase."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PIL import Image

from vision_tools.crops import large_enough
from vision_tools.errors import ToolError
from vision_tools.roles import NameQuery

RawBoxes = tuple[list[list[float]], list[float]]
"""Boxes `x1, y1, x2, y2` in pixels of the region, and their scores."""


class Prompted(NamedTuple):
    """One phrase asked of one region."""

    pixels: Any
    """Float tensor of shape (3, height, width)."""
    prompt: str
    image: Image.Image
    """What `pixels` were made of: the region, padded where it is tiny."""


def noun_prompt(name: str) -> str:
    """A name in lower case, on one line, without the full stops that separate names in a prompt.

    Raises:
        ToolError: nothing is left to look for.
    """
    words = re.sub(r"[.\s]+", " ", name).strip().lower()
    if not words:
        raise ToolError(f"{name!r} names nothing that could be found")
    return words


def prompted(queries: Sequence[NameQuery], to_pixels: Callable[[Image.Image], Any]) -> list[Prompted]:
    """Each query as a model input; a region asked for several names is prepared once."""
    images = {region: large_enough(region.crop()) for region in dict.fromkeys(q.region for q in queries)}
    pixels = {region: to_pixels(image) for region, image in images.items()}
    return [Prompted(pixels[q.region], noun_prompt(q.name), images[q.region]) for q in queries]


def in_pixels(centres: Any, scores: Any, frame: tuple[int, int], confidence: float) -> RawBoxes:
    """A model's relative boxes that score more than `confidence`.

    Args:
        centres: tensor of shape (boxes, 4): centre and extent, relative to the frame.
        scores: tensor of shape (boxes,).
        frame: width and height in pixels of what the boxes are relative to.
    """
    sure = scores > confidence
    x, y, width, height = (centres[sure] * centres.new_tensor(frame * 2)).unbind(-1)
    corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    return list(map(list, zip(*(side.tolist() for side in corners), strict=True))), scores[sure].tolist()
