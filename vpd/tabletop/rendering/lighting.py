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
    fill: Floats
    """A weak lamp without shadows, from behind the camera."""
    bounce: Floats
    """Light that the table throws back up."""
    wall: Floats


FILL_DIRECTION = (0.0, -0.8, 0.6)


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
    bounce = table * (0.55 * key * direction[2] + 0.5 * sky)
    return Lighting(direction, key, sky, 0.3 * key, bounce, linear(scene.table.wall))


def surroundings(lighting: Lighting, direction: Floats) -> Floats:
    """What a ray (3, n) that misses every thing meets: the table below, the room and two bright windows above.

    Returns (3, n) linear colours.
    """
    x, y, z = direction
    up = smoothstep(-0.03, 0.08, z)
    lx, ly, lz = lighting.direction
    facing = x * np.float32(lx) + y * np.float32(ly) + z * np.float32(lz)
    window = smoothstep(0.87, 0.93, facing) * 2.2
    opposite = smoothstep(
        0.78, 0.86, z * np.float32(0.6) - x * np.float32(lx) - y * np.float32(ly) * np.float32(0.3)
    )
    room = 0.16 + 0.6 * smoothstep(0.15, 0.9, z) + window + opposite * 0.8
    below = (1 - up) * (0.95 + 0.5 * z)
    return lighting.key[:, None] * (room * up) + lighting.bounce[:, None] * below
