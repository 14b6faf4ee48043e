"""Everything behind the things: the table with its shadows and flat clutter, and the wall."""

from math import cos, sin
from typing import NamedTuple

import numpy as np

from vpd.tabletop.rendering.arrays import Floats, linear, smoothstep
from vpd.tabletop.rendering.camera import View
from vpd.tabletop.rendering.coverings import sample, texture_of
from vpd.tabletop.rendering.lighting import FILL_DIRECTION, Lighting
from vpd.tabletop.rendering.shadows import Cast, Shadow
from vpd.tabletop.scene import Scene, Sheet

WALL_BEHIND = 2.5
"""How far the wall stands behind the table's edge."""


class Ground(NamedTuple):
    """The table as the camera sees it, one value per row of pixels, for the camera does not roll."""

    first: int
    """The first row whose middle sees the table; rows above it see the wall."""
    y: Floats
    """World y of the table at each row from `first`."""
    depth: Floats
    """Depth at every row of the image, wall included."""


def ground_of(view: View, edge: float) -> Ground:
    up = (view.height / 2 - np.arange(view.height, dtype=np.float32) - 0.5) / view.focal
    table = view.position[2] / np.maximum(view.sine - up * view.cosine, np.float32(1e-6))
    y = view.position[1] + table * (view.cosine + up * view.sine)
    wall = (edge + WALL_BEHIND - view.position[1]) / (view.cosine + up * view.sine)
    first = int(np.count_nonzero(y > edge))
    depth = np.where(y > edge, wall, table).astype(np.float32)
    return Ground(first, y[first:].astype(np.float32), depth)


def background_of(
    scene: Scene, view: View, ground: Ground, lighting: Lighting, shadows: list[Shadow]
) -> Floats:
    """Linear colours (height, width, 3) of the image as if no thing stood on the table, but for its shadow."""
    right = ((np.arange(view.width, dtype=np.float32) + 0.5 - view.width / 2) / view.focal).astype(np.float32)
    depth = ground.depth[ground.first :]
    x = depth[:, None] * right[None, :]
    pixel = depth / view.focal
    color = _covering(scene, x, ground.y, pixel)
    for sheet in scene.sheets:
        _lay(sheet, color, x, ground.y, pixel)
    lamp, sky = np.ones_like(x), np.ones_like(x)
    for shadow in shadows:
        _darken(lamp, shadow.lamp, x, ground.y)
        _darken(sky, shadow.sky, x, ground.y)
    key = lighting.key * np.float32(lighting.direction[2])
    soft = lighting.sky + lighting.fill * np.float32(FILL_DIRECTION[2])
    color *= lamp[..., None] * key + sky[..., None] * soft
    color += _sheen(ground.y, view, lighting)[:, None, :]
    image = np.empty((view.height, view.width, 3), np.float32)
    image[ground.first :] = color
    image[: ground.first] = _wall(view, ground.first, right, lighting)
    _soften_edge(image, ground.first, view, scene.table.edge)
    return image


def _covering(scene: Scene, x: Floats, y: Floats, pixel: Floats) -> Floats:
    table = scene.table
    coarse = scene.camera.distance / 12.5  # from afar a finer pattern would only flicker
    c, s = np.float32(cos(table.yaw) / coarse), np.float32(sin(table.yaw) / coarse)
    u = (c * x + (s * y)[:, None]).ravel() + np.float32(table.offset)
    v = ((c * y)[:, None] - s * x).ravel() + np.float32(table.offset * 0.37)
    footprint = np.broadcast_to((pixel * np.float32(1.2 / coarse))[:, None], x.shape).ravel()
    return sample(texture_of(table.covering), u, v, footprint).reshape(*x.shape, 3)


def _lay(sheet: Sheet, color: Floats, x: Floats, y: Floats, pixel: Floats) -> None:
    reach = sheet.width + sheet.length
    rows, columns = _near(x, y, sheet.x, sheet.y, reach)
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    dx, dy = x[rows, columns] - np.float32(sheet.x), (y[rows] - np.float32(sheet.y))[:, None]
    c, s = np.float32(cos(sheet.yaw)), np.float32(sin(sheet.yaw))
    u, v = np.abs(c * dx + s * dy), np.abs(c * dy - s * dx)
    if sheet.round:
        outside = np.sqrt(u * u + v * v) - np.float32(sheet.width / 2)
    else:
        outside = np.maximum(u - np.float32(sheet.width / 2), v - np.float32(sheet.length / 2))
    cover = np.clip(0.5 - outside / pixel[rows][:, None] * 0.7, 0, 1)[..., None]
    rim = 1 - 0.12 * np.exp(-np.abs(outside) * 30)[..., None]
    color[rows, columns] += cover * (linear(sheet.color) * rim - color[rows, columns])


def _near(x: Floats, y: Floats, cx: float, cy: float, reach: float) -> tuple[slice, slice]:
    """The rows and columns of the table's pixels within a square around (cx, cy)."""
    # In single precision, or every search would first convert its row.
    top, bottom = np.searchsorted(-y, np.array([-(cy + reach), -(cy - reach)], np.float32)).tolist()
    if top >= bottom:
        return slice(0, 0), slice(0, 0)
    sides = np.array([cx - reach, cx + reach], np.float32)
    ends = [np.searchsorted(row, sides).tolist() for row in (x[top], x[bottom - 1])]
    left, right = min(end[0] for end in ends), max(end[1] for end in ends)
    return slice(top, bottom), slice(left, right)


def _darken(light: Floats, cast: Cast, x: Floats, y: Floats) -> None:
    rows, columns = _near(x, y, *cast.bounds())
    if rows.start < rows.stop and columns.start < columns.stop:
        light[rows, columns] *= 1 - cast.hidden(x[rows, columns], y[rows][:, None])


def _sheen(y: Floats, view: View, lighting: Lighting) -> Floats:
    """Light of the wall and the room mirrored by the table, stronger at a glance (Schlick 1994): (rows, 3)."""
    away = np.sqrt((y - view.position[1]) ** 2 + view.position[2] ** 2)
    fresnel = 0.02 + 0.6 * (1 - view.position[2] / away) ** 5
    return fresnel[:, None] * (0.5 * lighting.wall + 0.3 * lighting.key)


def _wall(view: View, rows: int, right: Floats, lighting: Lighting) -> Floats:
    """Out of focus: a gradient, brighter on the lamp's side."""
    height = (np.arange(rows, 0, -1, dtype=np.float32) / view.height)[:, None]
    side = right[None, :] * np.float32(lighting.direction[0]) * np.float32(0.9)
    glow = (0.78 + 0.3 * smoothstep(-0.2, 0.45, height + side))[..., None]
    return glow * lighting.wall * (0.65 * lighting.key + 0.45 * lighting.sky)


def _soften_edge(image: Floats, first: int, view: View, edge: float) -> None:
    """Blend the row that the table's edge runs through, and put the shade of the edge above it."""
    if not 2 <= first < view.height:
        return
    depth = (edge - view.position[1]) * view.cosine + view.position[2] * view.sine
    up = (edge - view.position[1]) * view.sine - view.position[2] * view.cosine
    line = view.height / 2 - view.focal * up / depth
    shade = max(1, round(view.height * 0.012))
    image[max(first - shade, 0) : first] *= np.float32(0.72)
    row = min(max(int(line), 1), view.height - 2)
    part = np.float32(line - row)
    image[row] = image[row - 1] * part + image[row + 1] * (1 - part)
