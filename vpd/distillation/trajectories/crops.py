"""Boxes for crops: the cue with a margin, a much larger one around it, and ones that miss it."""

import random
from collections.abc import Sequence

from vpd.records import Box

_TRIES = 40


def grown(box: Box, margin: float, smallest: float, within: Box) -> Box:
    """A box with a margin on each side (a share of its width and height), at least `smallest` wide and high.

    It is moved rather than cut where it would leave `within`, so that it always holds what it is grown from.
    """
    edges: list[tuple[float, float]] = []
    for low, high, least, most in ((box[0], box[2], within[0], within[2]), (box[1], box[3], within[1], within[3])):
        size = min(max((high - low) * (1 + 2 * margin), smallest, high - low), most - least)
        start = min(max((low + high - size) / 2, least), most - size)
        edges.append((min(start, low), max(start + size, high)))
    return edges[0][0], edges[1][0], edges[0][1], edges[1][1]


def larger(box: Box, within: Box, generator: random.Random) -> Box | None:
    """A box at least twice as wide and high that holds `box` somewhere in it; None where there is no room."""
    factor = generator.uniform(2.0, 3.0)
    width, height = (box[2] - box[0]) * factor, (box[3] - box[1]) * factor
    if width > 0.95 * (within[2] - within[0]) or height > 0.95 * (within[3] - within[1]):
        return None
    left = generator.uniform(max(within[0], box[2] - width), min(box[0], within[2] - width))
    top = generator.uniform(max(within[1], box[3] - height), min(box[1], within[3] - height))
    return left, top, left + width, top + height


def missing(
    cue: Box, size: tuple[float, float], within: Box, avoided: Sequence[Box], generator: random.Random
) -> Box | None:
    """A box of about a size that shares no area with the cue, nor with what is avoided; None where none is found."""
    for _ in range(_TRIES):
        width, height = (side * generator.uniform(0.8, 1.25) for side in size)
        if width > within[2] - within[0] or height > within[3] - within[1]:
            continue
        left = generator.uniform(within[0], within[2] - width)
        top = generator.uniform(within[1], within[3] - height)
        box = (left, top, left + width, top + height)
        # Two pixels apart, since boxes are rounded outwards when they are written down.
        if not any(_near(box, other) for other in (cue, *avoided)):
            return box
    return None


def _near(a: Box, b: Box, gap: float = 4.0) -> bool:
    return a[0] < b[2] + gap and b[0] < a[2] + gap and a[1] < b[3] + gap and b[1] < a[3] + gap
