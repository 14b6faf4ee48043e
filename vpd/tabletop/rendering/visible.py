"""The visible surface of every thing, one point per pixel that shows it: where it is and what it is made of."""

from typing import NamedTuple

import numpy as np

from vpd.tabletop.rendering.arrays import Floats, Ints, Mask, normalized
from vpd.tabletop.rendering.cards import front_colors, paper_of
from vpd.tabletop.rendering.forms import form_of
from vpd.tabletop.rendering.geometry import Geometry, Window, directions, frame_of
from vpd.tabletop.scene import Card, Scene, Solid, Thing
from vpd.tabletop.vocabulary import Color

PALETTE: dict[Color, tuple[float, float, float]] = {
    "red": (0.84, 0.10, 0.10),
    "orange": (0.97, 0.50, 0.06),
    "yellow": (0.97, 0.85, 0.10),
    "green": (0.12, 0.60, 0.22),
    "blue": (0.10, 0.32, 0.84),
    "purple": (0.48, 0.18, 0.70),
    "pink": (0.98, 0.58, 0.72),
    "gray": (0.54, 0.55, 0.56),
}
"""sRGB of a solid of each colour under white light."""

_BULGE = np.float32(0.5)
"""Faces of metal solids are shaded as if slightly domed: a flat mirror shows one colour and looks matte."""


class Points(NamedTuple):
    """Surface points of all things, thing after thing; a pixel on an outline has one for each thing in it."""

    pixel: Ints
    """(n,) index into the image's pixels, in rows."""
    cover: Floats
    """(n,) the share of the pixel that shows this thing."""
    place: Floats
    """(3, n), world."""
    normal: Floats
    """(3, n), world, outward."""
    albedo: Floats
    """(3, n), linear."""
    metal: Mask
    """(n,)"""

    def take(self, which: Ints) -> "Points":
        """Some of the points."""
        return Points(
            self.pixel[which],
            self.cover[which],
            self.place[:, which],
            self.normal[:, which],
            self.albedo[:, which],
            self.metal[which],
        )


def albedo_of(solid: Solid) -> Floats:
    """Linear colour (3,)."""
    base = np.asarray(PALETTE[solid.color], np.float32) * np.float32(1 + 0.08 * solid.shade)
    return np.clip(base, 0, 0.98) ** 2


def visible_points(scene: Scene, geometry: Geometry) -> tuple[Points, list[slice]]:
    """The points, and which of them belong to each thing."""
    parts = [_points_of(thing, geometry, index) for index, thing in enumerate(scene.things)]
    ends = np.cumsum([len(part.pixel) for part in parts]).tolist()
    spans = [slice(end - len(part.pixel), end) for end, part in zip(ends, parts, strict=True)]
    joined = (np.concatenate(column, axis=-1) for column in zip(*parts, strict=True))
    return Points(*joined), spans


def _points_of(thing: Thing, geometry: Geometry, index: int) -> Points:
    view, frame, form = geometry.view, frame_of(thing), form_of(thing)
    rows, columns, cover = _shown(geometry, geometry.windows[index], index)
    n = geometry.samples
    t = geometry.depth[rows, columns]
    right = ((columns + 0.5) / n - view.width / 2) / view.focal
    up = (view.height / 2 - (rows + 0.5) / n) / view.focal
    ray = directions(view, frame, right.astype(np.float32), up.astype(np.float32))
    local = np.stack([o + t * d for o, d in zip(frame.origin(view.position), ray, strict=True)])
    pixel = view.depth_of(thing.x, thing.y, 0.0) / view.focal / frame.scale
    normal = form.normals(local, 0.6 * pixel)
    if isinstance(thing, Solid):
        if thing.material == "metal":
            middle = np.array([[0], [0], [form.height / 2]], np.float32)
            normal = normalized(normal + _BULGE / form.radius * (local - middle))
        albedo = np.repeat(albedo_of(thing)[:, None], len(t), axis=1)
    else:
        albedo = _card_albedo(thing, local, normal, form.size[0], 1 / pixel)
    x, y, z = local * np.float32(frame.scale)
    c, s = np.float32(frame.cosine), np.float32(frame.sine)
    return Points(
        rows // n * view.width + columns // n,
        cover,
        np.stack((c * x - s * y + np.float32(frame.x), s * x + c * y + np.float32(frame.y), z)),
        frame.to_world(normal),
        albedo,
        np.full(len(t), isinstance(thing, Solid) and thing.material == "metal"),
    )


def _shown(geometry: Geometry, window: Window, index: int) -> tuple[Ints, Ints, Floats]:
    """One sample for each pixel that shows the thing, the middle one if it does: rows, columns, cover."""
    n = geometry.samples
    shown = geometry.owner[window.slices] == index
    high, wide = shown.shape[0] // n, shown.shape[1] // n
    per_pixel = shown.reshape(high, n, wide, n).transpose(0, 2, 1, 3).reshape(high * wide, n * n)
    count = np.count_nonzero(per_pixel, axis=1)
    pixels = np.flatnonzero(count)
    order = np.roll(np.arange(n * n), -(n * n // 2))
    chosen = order[per_pixel[pixels][:, order].argmax(axis=1)]
    rows = window.top + pixels // wide * n + chosen // n
    columns = window.left + pixels % wide * n + chosen % n
    return rows, columns, (count[pixels] / (n * n)).astype(np.float32)


def _card_albedo(card: Card, local: Floats, normal: Floats, half: float, pixels_high: float) -> Floats:
    albedo = np.repeat(paper_of(card)[:, None], local.shape[1], axis=1)
    front = np.flatnonzero(normal[1] < -0.5)
    if len(front):
        along = local[0, front] / np.float32(2 * half) + np.float32(0.5)
        albedo[:, front] = front_colors(card, along, local[2, front], pixels_high)
    return albedo
