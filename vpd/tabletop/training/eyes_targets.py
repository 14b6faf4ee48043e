"""What each part of a small image shows, as arrays."""

from string import ascii_uppercase, digits
from typing import NamedTuple

import numpy as np
from PIL import ImageFont

from vpd.tabletop.annotation import Annotation
from vpd.tabletop.rendering.camera import view_of
from vpd.tabletop.rendering.geometry import frame_of
from vpd.tabletop.scene import Card, Solid, card_aspect
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

LETTERS = ascii_uppercase + digits
PATCHES, CELLS = 16, 32
"""On a side of the image."""

_NEAR = 0.7
"""A patch tells of a thing if its middle lies in this inner share of the thing's box."""


class Shown(NamedTuple):
    """Of one image; rows first."""

    here: np.ndarray
    """(16, 16) float32: how near the middle of a thing is, 1 at the nearest patch, 0 where there is none."""
    kinds: np.ndarray
    """(16, 16, 4) int8: shape, color, material, size of that thing; -1 where it has none."""
    boxes: np.ndarray
    """(16, 16, 4) float32: its box, centre and extent, relative to the image."""
    letters: np.ndarray
    """(32, 32) int8: 1 + index of the letter whose middle is there, 0 where none is."""


def shown(view: Annotation, *, colors: bool = True, mirrored: bool = False) -> Shown:
    """Where two things' middles are near a patch, it tells of the nearer one.

    Args:
        colors: whether the image has those of the scene.
        mirrored: whether left and right are swapped in it; only where nothing is written.
    """
    middles = (np.arange(PATCHES) + 0.5) / PATCHES
    here = np.zeros((PATCHES, PATCHES), np.float32)
    kinds = np.full((PATCHES, PATCHES, 4), -1, np.int8)
    boxes = np.zeros((PATCHES, PATCHES, 4), np.float32)
    letters = np.zeros((CELLS, CELLS), np.int8)
    best = np.full((PATCHES, PATCHES), np.inf)
    for seen in view.seen:
        x1, y1, x2, y2 = np.array(seen.box) / (view.width, view.height, view.width, view.height)
        if mirrored:
            x1, x2 = 1 - x2, 1 - x1
        across = np.abs(middles - (x1 + x2) / 2) / ((x2 - x1) / 2)
        down = np.abs(middles - (y1 + y2) / 2) / ((y2 - y1) / 2)
        far = np.maximum(down[:, None], across[None])
        nearest = far == far.min()
        mine = ((far <= _NEAR) | nearest) & (far < best)
        best[mine] = far[mine]
        here[mine] = np.where(nearest, 1.0, 1 - far / 2)[mine]
        kinds[mine] = _kinds(seen.thing, colors)
        boxes[mine] = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
        if isinstance(seen.thing, Card):
            for letter, (x, y) in zip(seen.text, letter_middles(view, seen.thing), strict=True):
                row, column = int(y / view.height * CELLS), int(x / view.width * CELLS)
                letters[min(row, CELLS - 1), min(column, CELLS - 1)] = 1 + LETTERS.index(letter)
    return Shown(here, kinds, boxes, letters)


def _kinds(thing: Solid | Card, colors: bool) -> tuple[int, int, int, int]:
    if isinstance(thing, Card):
        return len(SHAPES), -1, -1, -1
    return (
        SHAPES.index(thing.shape),
        COLORS.index(thing.color) if colors else -1,
        MATERIALS.index(thing.material),
        SIZES.index(thing.size),
    )


def letter_middles(view: Annotation, card: Card) -> list[tuple[float, float]]:
    """Pixels at which the letters of a card appear."""
    font = ImageFont.load_default(40)
    ends = np.array([font.getlength(card.text[:k]) for k in range(len(card.text) + 1)])
    middles = (ends[1:] + ends[:-1]) / 2 / ends[-1] - 0.5
    aspect = card_aspect(card.text)
    # As `rendering.cards` sets them: as large as 0.8 of the width or 0.62 of the height allows.
    wide = min(0.8, 0.62 * ends[-1] / 40 / aspect) * aspect
    frame, camera = frame_of(card), view_of(view.scene)
    found: list[tuple[float, float]] = []
    for x in (middles * wide * frame.scale).tolist():
        y, z = -0.13 * frame.scale, 0.5 * frame.scale  # halfway up the slanted front
        found.append(
            camera.pixel(
                frame.x + frame.cosine * x - frame.sine * y, frame.y + frame.sine * x + frame.cosine * y, z
            )
        )
    return found
