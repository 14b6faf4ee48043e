"""Changed images: the same scene mirrored, without its margins, or brighter. Tools are asked anew about them."""

import hashlib
from functools import partial
from typing import Literal

from PIL import Image, ImageEnhance, ImageOps

from vision_tools.regions import Picture
from vpd.execution.geometry import Size

Change = Literal["mirror", "crop", "brightness"]

_MARGIN = 0.04
"""Share of width and height that is cut off at each side."""
_BRIGHTNESS = 1.2


def changed_picture(picture: Picture, change: Change) -> Picture:
    """A picture of its own, by its own name: no result of the original is taken for one of its."""
    name = hashlib.sha256(f"{picture.sha256} {change} {_MARGIN} {_BRIGHTNESS}".encode()).hexdigest()
    return Picture(name, partial(_changed, picture, change))


def changed_size(size: Size, change: Change) -> Size:
    """Width and height of a changed picture, in pixels."""
    if change != "crop":
        return size
    left, top, right, bottom = _inner(size)
    return right - left, bottom - top


def _changed(picture: Picture, change: Change) -> Image.Image:
    image = picture.load()
    match change:
        case "mirror":
            return ImageOps.mirror(image)
        case "crop":
            return image.crop(_inner(image.size))
        case "brightness":
            return ImageEnhance.Brightness(image).enhance(_BRIGHTNESS)


def _inner(size: Size) -> tuple[int, int, int, int]:
    across, along = int(size[0] * _MARGIN), int(size[1] * _MARGIN)
    return across, along, size[0] - across, size[1] - along
