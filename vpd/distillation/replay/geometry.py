"""Regions as programs measure them: pixels, origin bottom left of the whole image."""

import math
from collections.abc import Sequence

from vpd.distillation.replay.values import Patch

Size = tuple[int, int]
"""Width and height of an image, in pixels."""


def measure(patch: Patch, what: str, sizes: Sequence[Size]) -> float | int | str | None:
    """An attribute of a patch as `programs/api.pyi` defines it; None for a name that it does not define."""
    x1, y1, x2, y2 = patch.box
    height = sizes[patch.image][1]
    match what:
        case "left":
            return x1
        case "right":
            return x2
        case "lower":
            return height - y2
        case "upper":
            return height - y1
        case "width":
            return x2 - x1
        case "height":
            return y2 - y1
        case "horizontal_center":
            return (x1 + x2) / 2
        case "vertical_center":
            return (2 * height - y1 - y2) / 2
        case "category":
            return patch.category
        case "confidence":
            return patch.confidence
        case _:
            return None


def part(patch: Patch, edges: Sequence[float | None], sizes: Sequence[Size]) -> Patch | None:
    """The region between `left, lower, right, upper`, clipped to the image; None if it has no area.

    Where no edge is given, it is the patch itself.
    """
    if all(edge is None for edge in edges):
        return patch
    width, height = sizes[patch.image]
    x1, y1, x2, y2 = patch.box
    left, lower, right, upper = edges
    left = x1 if left is None else max(int(left), 0)
    right = x2 if right is None else min(int(right), width)
    bottom = y2 if lower is None else height - max(int(lower), 0)
    top = y1 if upper is None else height - min(int(upper), height)
    return Patch(patch.image, (left, top, right, bottom)) if left < right and top < bottom else None


def overlaps(patch: Patch, edges: Sequence[float], sizes: Sequence[Size]) -> bool:
    """Whether a patch and the box `left, lower, right, upper` share a point."""
    left, lower, right, upper = edges
    x1, y1, x2, y2 = patch.box
    height = sizes[patch.image][1]
    return x1 <= right and x2 >= left and height - y2 <= upper and height - y1 >= lower


def distance(a: Patch, b: Patch) -> float:
    """Distance between the edges of two patches; minus their intersection over union where they touch."""
    across = max(a.box[0] - b.box[2], b.box[0] - a.box[2], 0)
    along = max(a.box[1] - b.box[3], b.box[1] - a.box[3], 0)
    if across or along:
        return math.hypot(across, along)
    shared = (min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])) * (
        min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    )
    return -shared / (area(a) + area(b) - shared)


def area(patch: Patch) -> float:
    x1, y1, x2, y2 = patch.box
    return (x2 - x1) * (y2 - y1)
