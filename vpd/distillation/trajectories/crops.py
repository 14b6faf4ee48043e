"""Boxes for crops: the cue with a margin, a much larger one around it, and ones that miss it."""

import random
from collections.abc import Sequence

from vpd.records import Box

_TRIES = 200

_LARGEST = 0.8
"""The share of an image above which a crop is no closer look."""


def grown(box: Box, margin: float, smallest: float, within: Box) -> Box:
    """A box with a margin on each side (a share of its width and height), at least `smallest` wide and high.

    It is moved rather than cut where it would leave `within`, so that it always holds what it is grown from.
    """
    edges: list[tuple[float, float]] = []
    for low, high, least, most in (
        (box[0], box[2], within[0], within[2]),
        (box[1], box[3], within[1], within[3]),
    ):
        size = min(max((high - low) * (1 + 2 * margin), smallest, high - low), most - least)
        start = min(max((low + high - size) / 2, least), most - size)
        edges.append((min(start, low), max(start + size, high)))
    return edges[0][0], edges[1][0], edges[0][1], edges[1][1]


def larger(box: Box, within: Box, generator: random.Random) -> Box | None:
    """A box two to three times as wide and high, or as far as there is room, that holds `box` somewhere in it.

    None where there is no room for one of at least twice the area that leaves a good part of `within` out.
    """
    room = within[2] - within[0], within[3] - within[1]
    size = box[2] - box[0], box[3] - box[1]
    factor = generator.uniform(2.0, 3.0)
    width, height = _scaled(size, factor, room)
    while width * height > _LARGEST * room[0] * room[1]:
        factor *= 0.95
        width, height = _scaled(size, factor, room)
    if width * height < 2 * size[0] * size[1]:
        return None
    left = generator.uniform(max(within[0], box[2] - width), min(box[0], within[2] - width))
    top = generator.uniform(max(within[1], box[3] - height), min(box[1], within[3] - height))
    return left, top, left + width, top + height


def _scaled(size: tuple[float, float], factor: float, room: tuple[float, float]) -> tuple[float, float]:
    return min(size[0] * factor, room[0]), min(size[1] * factor, room[1])


def missing(
    cue: Box, size: tuple[float, float], within: Box, others: Sequence[Box], generator: random.Random
) -> Box | None:
    """A box of about a size that shares no area with the cue, and little with any other one; None if none is found.

    Args:
        cue: what must not be seen.
        size: width and height.
        within: where the box must lie.
        others: boxes that have missed the cue before.
        generator: of the place.
    """
    # A box is rounded outwards when it is written down, to pixels or thousandths of the image's sides.
    gap = (2 + (within[2] - within[0]) / 500, 2 + (within[3] - within[1]) / 500)
    for _ in range(_TRIES):
        width, height = (side * generator.uniform(0.6, 1.2) for side in size)
        if width > within[2] - within[0] or height > within[3] - within[1]:
            continue
        left = generator.uniform(within[0], within[2] - width)
        top = generator.uniform(within[1], within[3] - height)
        box = (left, top, left + width, top + height)
        if not _near(box, cue, gap) and all(_shared(box, other) < 0.3 * width * height for other in others):
            return box
    return None


def _near(a: Box, b: Box, gap: tuple[float, float]) -> bool:
    across = a[0] < b[2] + gap[0] and b[0] < a[2] + gap[0]
    return across and a[1] < b[3] + gap[1] and b[1] < a[3] + gap[1]


def _shared(a: Box, b: Box) -> float:
    """The area that two boxes share."""
    across, along = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(across, 0) * max(along, 0)
