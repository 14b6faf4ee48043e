"""What tools look at: regions of images that are named by their content and decoded when first needed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from PIL import Image


class Box(NamedTuple):
    """A rectangle in pixels, origin top left, `x2` and `y2` exclusive."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return max(self.width, 0.0) * max(self.height, 0.0)

    def intersection(self, other: "Box") -> "Box":
        """The shared rectangle; its area is 0 when there is none."""
        return Box(
            max(self.x1, other.x1), max(self.y1, other.y1), min(self.x2, other.x2), min(self.y2, other.y2)
        )

    def shifted(self, dx: float, dy: float) -> "Box":
        return Box(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image by its content hash; `load` decodes it to an RGB image, and is expected to cache."""

    sha256: str
    load: Callable[[], Image.Image] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a picture, in whole pixels of the whole image."""

    picture: Picture
    box: tuple[int, int, int, int]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        x1, y1, x2, y2 = self.box
        return x2 - x1, y2 - y1

    def crop(self) -> Image.Image:
        """The region's pixels, RGB, `box` wide and high."""
        return self.picture.load().crop(self.box)
