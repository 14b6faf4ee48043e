"""The light that visible surfaces send to the camera: matte and polished."""

import numpy as np

from vpd.tabletop.rendering.arrays import Floats, dot, normalized, smoothstep
from vpd.tabletop.rendering.forms import form_of
from vpd.tabletop.rendering.geometry import frame_of
from vpd.tabletop.rendering.lighting import FILL_DIRECTION, Lighting, surroundings
from vpd.tabletop.rendering.shadows import Shadow
from vpd.tabletop.rendering.visible import Points, albedo_of
from vpd.tabletop.scene import Scene, Thing

_FILL = np.array(FILL_DIRECTION, np.float32)[:, None]


def shade(
    scene: Scene,
    points: Points,
    spans: list[slice],
    position: tuple[float, float, float],
    lighting: Lighting,
    shadows: list[Shadow],
) -> Floats:
    """Linear colours (3, n) of the points seen from `position`."""
    lamp = _lamp_light(scene.things, points, spans, lighting, shadows)
    view = normalized(points.place - np.asarray(position, np.float32)[:, None])
    color = _matte(points, lamp, view, lighting)
    metal = np.flatnonzero(points.metal)
    if len(metal):
        color[:, metal] = _polished(scene, points.take(metal), lamp[metal], view[:, metal], lighting)
    return color


def _lamp_light(
    things: tuple[Thing, ...], points: Points, spans: list[slice], lighting: Lighting, shadows: list[Shadow]
) -> Floats:
    """Share of the lamp's light that arrives, (n,): the slant of the surface and the shadows of other things.

    A point is in a thing's shadow when its own shadow on the table is, and the thing is on the lamp's side.
    """
    lx, ly, lz = (np.float32(c) for c in lighting.direction)
    light = np.maximum(dot(points.normal, np.array([lx, ly, lz])[:, None]), 0)
    foot_x = points.place[0] - points.place[2] * (lx / lz)
    foot_y = points.place[1] - points.place[2] * (ly / lz)
    for taker, span in zip(things, spans, strict=True):
        reach = form_of(taker).radius * frame_of(taker).scale
        for giver, shadow in zip(things, shadows, strict=True):
            towards = (giver.x - taker.x) * lx + (giver.y - taker.y) * ly
            x, y, half = shadow.lamp.bounds()
            if towards > 0 and (taker.x - x) ** 2 + (taker.y - y) ** 2 < (half + reach) ** 2:
                light[span] *= 1 - shadow.lamp.hidden(foot_x[span], foot_y[span])
    return light


def _matte(points: Points, lamp: Floats, view: Floats, lighting: Lighting) -> Floats:
    """Lamp, sky and table, and a faint broad gloss (Blinn 1977)."""
    up = 0.5 + 0.5 * points.normal[2]
    below = (1 - up) * (0.55 + 0.45 * smoothstep(0.0, 0.4, points.place[2]))
    light = lamp * lighting.key[:, None] + up * lighting.sky[:, None] + below * lighting.bounce[:, None]
    light += np.maximum(dot(points.normal, _FILL), 0) * lighting.fill[:, None]
    half = normalized(np.asarray(lighting.direction, np.float32)[:, None] - view)
    gloss = np.maximum(dot(points.normal, half), 0) ** 16 * (lamp > 0)
    return light * points.albedo + gloss * (0.06 * lighting.key[:, None])


def _polished(scene: Scene, points: Points, lamp: Floats, view: Floats, lighting: Lighting) -> Floats:
    """Metal: mirrors the room and its neighbours in its own colour."""
    facing = -dot(points.normal, view)
    mirrored = view + points.normal * (2 * facing)
    seen = surroundings(lighting, mirrored)
    seen *= np.where(mirrored[2] < 0, 0.4 + 0.6 * smoothstep(0.0, 0.45, points.place[2]), 1)
    _mirror_neighbors(scene, points, mirrored, seen, lighting)
    bright = np.minimum(points.albedo * 1.3, 1)
    tint = bright + (1 - bright) * np.clip(1 - facing, 0, 1) ** 5
    matte = points.albedo * (0.25 * lamp * lighting.key[:, None] + 0.15 * lighting.sky[:, None])
    # What is brighter than white glints white: in the metal's colour, orange would turn yellow.
    return matte + np.minimum(seen, 1) * tint + np.maximum(seen - 1, 0) * 0.4


def _mirror_neighbors(
    scene: Scene, points: Points, mirrored: Floats, seen: Floats, lighting: Lighting
) -> None:
    """Solids mirrored in solids, as balls of their own colour: enough at the size of a reflection."""
    light = 0.5 * lighting.key + 0.6 * lighting.sky
    for solid in scene.solids:
        radius = 0.85 * solid.scale
        to = np.array([[solid.x], [solid.y], [radius]], np.float32) - points.place
        along = dot(to, mirrored)
        away = dot(to, to) - along * along
        apart = to[0] * to[0] + to[1] * to[1] > np.float32((1.25 * solid.scale) ** 2)
        cover = (1 - smoothstep(0.6, 1.0, away * np.float32(1 / radius**2))) * ((along > 0) & apart)
        seen += cover * ((albedo_of(solid) * light)[:, None] - seen)
