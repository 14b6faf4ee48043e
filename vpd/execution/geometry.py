"""Between the two coordinate systems: tools count y from the top, programs from the bottom."""

from typing import NamedTuple

from vpd.execution.calls import Patch

Size = tuple[int, int]
"""Width and height of an image, in pixels."""


class ProgramRegion(NamedTuple):
    """A region as programs see it: pixels, origin bottom left of the whole image, `lower < upper`."""

    image: int
    left: int
    lower: int
    right: int
    upper: int
    category: str
    confidence: float


def to_patch(region: ProgramRegion, sizes: tuple[Size, ...]) -> Patch:
    """The region as tools see it (origin top left)."""
    height = sizes[region.image][1]
    box = (region.left, height - region.upper, region.right, height - region.lower)
    return Patch(region.image, box, region.category, region.confidence)


def to_region(patch: Patch, sizes: tuple[Size, ...]) -> ProgramRegion:
    """The patch as programs see it (origin bottom left)."""
    height = sizes[patch.image][1]
    x1, y1, x2, y2 = patch.box
    return ProgramRegion(
        patch.image, x1, height - y2, x2, height - y1, patch.category, float(patch.confidence)
    )
