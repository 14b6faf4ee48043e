"""What a model is to evaluation: conversations with pictures in, replies out."""

from collections.abc import Callable, Sequence
from math import ceil, floor
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from PIL import Image

from vision_tools.decoding import open_image
from vpd.evaluation.records import PredictionStatus
from vpd.records import View

Advance = Callable[[int], None]
"""Hears how many more are done."""


def no_progress(_: int) -> None:
    """For who does not want to know."""


class Ask(NamedTuple):
    """A conversation that a model is to continue."""

    messages: list[dict[str, Any]]
    """`[{"role", "content"}]`; an `{"type": "image"}` part stands for the next of `views`."""
    views: tuple[View, ...]
    wants_yes: bool = False
    """Whether P(yes) of the reply's first token is asked for."""


class Failure(NamedTuple):
    """Why there is no reply."""

    status: PredictionStatus
    problem: str


class Reply(NamedTuple):
    """What a model wrote."""

    text: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    probability_yes: float | None = None
    """P(yes) / (P(yes) + P(no)) of the first token; None where it was not asked for, or the model does not tell."""
    failure: Failure | None = None


class Model(Protocol):
    """A model that can be asked."""

    @property
    def identity(self) -> str:
        """All that can change its replies, beside the conversation."""
        ...

    async def start(self) -> None:
        """Load what there is to load, so that the time of answers is that of answers."""
        ...

    async def replies(
        self, asks: Sequence[Ask], max_tokens: int, advance: Advance = no_progress
    ) -> list[Reply]:
        """One reply for each conversation, in their order; greedy. A conversation that fails has a `failure`.

        Args:
            advance: hears of replies as they come.
        """
        ...

    async def close(self) -> None: ...


class Pixels:
    """The pictures of conversations, from the files of an image folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, view: View) -> Path:
        return self._root / view.image.path

    def picture(self, view: View) -> Image.Image:
        """The view's pixels, RGB: its box in whole pixels, rounded outwards.

        Raises:
            ToolError: the image cannot be read.
        """
        image = open_image(self.path(view))
        if view.box is None:
            return image
        left, top = (
            min(max(0, floor(at)), size - 1) for at, size in zip(view.box[:2], image.size, strict=True)
        )
        right, bottom = (min(ceil(at), size) for at, size in zip(view.box[2:], image.size, strict=True))
        return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))
