"""Soft shadows: per form, how much of the lamp and of the sky each point of the table cannot see.

The lamp is far away and has some width, and solids are scaled copies of a few forms: so the shadow of each form
under each lamp is worked out once by casting rays, kept as a small map, and looked up ever after.
"""

from dataclasses import dataclass
from functools import cache
from math import cos, hypot, radians, sin, tan

import numpy as np

from vpd.tabletop.rendering.arrays import Floats
from vpd.tabletop.rendering.forms import Form, form_of
from vpd.tabletop.rendering.geometry import Frame, frame_of
from vpd.tabletop.scene import Light, Thing

ELEVATIONS = tuple(radians(a) for a in (36, 43, 50, 57))
"""The heights the lamp can have."""

_YAW_STEP = radians(10)
_LAMP_WIDTH = radians(8)
_LAMP_RAYS = 24
_SKY_RAYS = 40
_GOLDEN = 2.39996
_JUST_ABOVE = np.float32(1e-3)
_SIDE = 64
"""Cells along each side of a map."""


@dataclass(frozen=True, slots=True)
class ShadowMap:
    """Hidden shares in [0, 1] on a grid of the plane z = 0, in units of the form."""

    low: tuple[float, float]
    high: tuple[float, float]
    """Corners of the grid; nothing is hidden outside it."""
    shares: Floats
    """(side · side,), in rows of constant y."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A map laid on the table."""

    frame: Frame
    map: ShadowMap

    def bounds(self) -> tuple[float, float, float]:
        """Middle and half side of a square of the world that contains it."""
        (x1, y1), (x2, y2), frame = self.map.low, self.map.high, self.frame
        mx, my = (x1 + x2) / 2 * frame.scale, (y1 + y2) / 2 * frame.scale
        return (
            frame.x + frame.cosine * mx - frame.sine * my,
            frame.y + frame.sine * mx + frame.cosine * my,
            hypot(x2 - x1, y2 - y1) / 2 * frame.scale,
        )

    def hidden(self, x: Floats, y: Floats) -> Floats:
        """Share hidden at world points of the table; the arrays broadcast."""
        frame, (x1, y1), (x2, y2) = self.frame, self.map.low, self.map.high
        dx, dy = x - np.float32(frame.x), y - np.float32(frame.y)
        c, s = np.float32(frame.cosine / frame.scale), np.float32(frame.sine / frame.scale)
        u = np.clip(
            (c * dx + s * dy - np.float32(x1)) * np.float32((_SIDE - 1) / (x2 - x1)), 0, _SIDE - 1.001
        )
        v = np.clip(
            (c * dy - s * dx - np.float32(y1)) * np.float32((_SIDE - 1) / (y2 - y1)), 0, _SIDE - 1.001
        )
        left, low = np.floor(u), np.floor(v)
        fu, fv = u - left, v - low
        at, shares = (low * _SIDE + left).astype(np.int32), self.map.shares
        near, far = shares.take(at), shares.take(at + _SIDE)
        near += (shares.take(at + 1) - near) * fu
        far += (shares.take(at + (_SIDE + 1)) - far) * fu
        return near + (far - near) * fv


@dataclass(frozen=True, slots=True)
class Shadow:
    """What a thing hides from the table around it."""

    lamp: Cast
    sky: Cast


def shadow_of(thing: Thing, light: Light) -> Shadow:
    form, frame = form_of(thing), frame_of(thing)
    level = min(range(len(ELEVATIONS)), key=lambda k: abs(ELEVATIONS[k] - light.elevation))
    step = 0
    if form.symmetry is not None:
        step = round(((thing.yaw - light.azimuth) % form.symmetry) / _YAW_STEP) % round(
            form.symmetry / _YAW_STEP
        )
    towards_lamp = Frame(frame.x, frame.y, cos(light.azimuth), sin(light.azimuth), frame.scale)
    return Shadow(Cast(towards_lamp, _lamp_map(form, level, step)), Cast(frame, _sky_map(form)))


@cache
def _lamp_map(form: Form, level: int, step: int) -> ShadowMap:
    """The lamp towards `+x`, the form turned by `step`."""
    elevation, yaw = ELEVATIONS[level], step * _YAW_STEP
    side = form.radius + 0.3
    reach = form.radius + form.height / tan(elevation - _LAMP_WIDTH)
    rays: list[tuple[float, float, float]] = []
    for radius, angle in _disc(_LAMP_RAYS):
        lift = elevation + _LAMP_WIDTH * radius * sin(angle)
        turn = _LAMP_WIDTH * radius * cos(angle) / cos(elevation) - yaw
        rays.append((cos(lift) * cos(turn), cos(lift) * sin(turn), sin(lift)))
    return _cast_map(form, (-reach, -side), (form.radius, side), yaw, rays)


@cache
def _sky_map(form: Form) -> ShadowMap:
    half = form.radius + 1.25
    rays = [(r * cos(a), r * sin(a), (1 - r * r) ** 0.5) for r, a in _disc(_SKY_RAYS)]  # cosine-weighted
    found = _cast_map(form, (-half, -half), (half, half), 0.0, rays)
    line = np.abs(np.linspace(-1, 1, _SIDE, dtype=np.float32))
    fade = np.clip((1 - np.hypot(line[None, :], line[:, None])) * 3, 0, 1)
    return ShadowMap(found.low, found.high, found.shares * fade.ravel())


def _disc(count: int) -> list[tuple[float, float]]:
    """Points spread evenly over the unit disc: radius and angle."""
    return [(((k + 0.5) / count) ** 0.5, k * _GOLDEN) for k in range(count)]


def _pushed_out(form: Form, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Points that the form stands on, moved to its rim: a pixel on the rim must not blend with the dark below."""
    up = (np.float32(0), np.float32(0), np.float32(1))
    for _ in range(20):
        entry, leave = form.crossing((x, y, _JUST_ABOVE), up)  # type: ignore[arg-type]
        grow = np.where((entry <= 0) & (leave > 0), np.float32(1.07), np.float32(1))
        x, y = x * grow, y * grow
    return x, y


def _cast_map(
    form: Form,
    low: tuple[float, float],
    high: tuple[float, float],
    yaw: float,
    rays: list[tuple[float, float, float]],
) -> ShadowMap:
    """The share of the rays, given in the form's axes, that is blocked at each point of the grid."""
    x, y = np.meshgrid(np.linspace(low[0], high[0], _SIDE), np.linspace(low[1], high[1], _SIDE))
    c, s = cos(yaw), sin(yaw)
    along, across = _pushed_out(form, (c * x + s * y).astype(np.float32), (c * y - s * x).astype(np.float32))
    origin = (along.ravel(), across.ravel(), _JUST_ABOVE)
    blocked = np.zeros(_SIDE * _SIDE, np.float32)
    for ray in rays:
        entry, leave = form.crossing(origin, tuple(np.float32(d) for d in ray))  # type: ignore[arg-type]
        blocked += (entry <= leave) & (leave > 0)
    return ShadowMap(low, high, blocked / np.float32(len(rays)))
