"""The lamp, the sky and what polished metal sees of them."""

from dataclasses import dataclass
from math import cos, sin

import numpy as np

from vpd.tabletop.rendering.arrays import Floats, linear, smoothstep
from vpd.tabletop.rendering.coverings import texture_of
from vpd.tabletop.scene import Scene


@dataclass(frozen=True, slots=True)
class Lighting:
    """Linear colours (3,), and the unit direction towards the lamp."""

    direction: tuple[float, float, float]
    key: Floats
    sky: Floats
    bounce: Floats
    """Light that the table throws back up."""
    wall: Floats


def lighting_of(scene: Scene) -> Lighting:
    light = scene.light
    warm = np.array([1 + 0.07 * light.warmth, 1.0, 1 - 0.09 * light.warmth], np.float32)
    direction = (
        cos(light.elevation) * cos(light.azimuth),
        cos(light.elevation) * sin(light.azimuth),
        sin(light.elevation),
    )
    key = light.key * warm
    sky = light.ambient * (0.5 + 0.5 * warm)
    table = texture_of(scene.table.covering).mean
    return Lighting(direction, key, sky, table * (0.55 * key * direction[2] + 0.5 * sky), linear(scene.table.wall))


def surroundings(lighting: Lighting, direction: Floats) -> Floats:
    """What a ray (3, n) that misses every thing meets: the table below, the room and two bright windows above.

    Returns (3, n) linear colours.
    """
    x, y, z = direction
    up = smoothstep(-0.03, 0.08, z)
    height = np.clip(z, 0, 1)
    room = (0.22 + 0.5 * height) * lighting.sky.mean() + 0.16
    lx, ly, lz = lighting.direction
    facing = x * np.float32(lx) + y * np.float32(ly) + z * np.float32(lz)
    window = smoothstep(0.86, 0.93, facing) * 2.3
    strip = smoothstep(0.80, 0.88, -x * np.float32(lx) * 0.9 - y * np.float32(ly) * 0.5 + z * np.float32(0.5)) * 0.7
    above = (room + window + strip) * up
    below = (1 - up) * (0.95 + 0.35 * z)
    return lighting.key[:, None] * above + lighting.bounce[:, None] * below
