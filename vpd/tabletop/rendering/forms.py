"""The solids as mathematics: where a ray enters and leaves each one, and which way its surface faces.

Each form stands on `z = 0` around the z axis of its own coordinates. Rays are origin + t · direction with
components that broadcast against one another; `crossing` gives the interval of t inside the form (empty:
entry > exit).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

import numpy as np

from vpd.tabletop.rendering.arrays import FAR, Floats, normalized
from vpd.tabletop.scene import Solid, Thing, card_aspect
from vpd.tabletop.vocabulary import Shape

Triple = tuple[Floats, Floats, Floats]
Interval = tuple[Floats, Floats]

_BEVEL = 0.035
"""Edges are rounded over about this length, for they catch the light."""


@dataclass(frozen=True, slots=True)
class Form:
    crossing: Callable[[Triple, Triple], Interval]
    normals: Callable[[Floats, float], Floats]
    """Outward unit normals (3, n) at surface points (3, n), edges rounded over at least the given length."""
    radius: float
    """Of the smallest upright cylinder around the form."""
    height: float
    symmetry: float | None
    """Turning by this angle changes nothing; None: no turn does."""
    size: tuple[float, float]
    """Half extents along x and y."""


def form_of(thing: Thing) -> Form:
    if isinstance(thing, Solid):
        return _solid_form(thing.shape)
    return _card_form(card_aspect(thing.text))


def scale_of(thing: Thing) -> float:
    return thing.scale if isinstance(thing, Solid) else thing.height


@cache
def _solid_form(shape: Shape) -> Form:
    match shape:
        case "cube":
            return _polyhedron(_upright(4, 0.82, 1.64), pi / 2, 1.64, (0.82, 0.82))
        case "prism":
            return _polyhedron(_tent(1.1, 0.85, 1.5), pi, 1.5, (1.1, 0.85))
        case "pyramid":
            return _polyhedron(_pyramid(0.95, 1.75), pi / 2, 1.75, (0.95, 0.95))
        case "sphere":
            return Form(_ball_crossing(1.0, 1.0), _ball_normals(1.0), 1.0, 2.0, None, (1, 1))
        case "dome":
            return Form(_ball_crossing(1.1, 0.0), _ball_normals(0.0), 1.1, 1.1, None, (1.1, 1.1))
        case "cylinder":
            return Form(
                _cylinder_crossing(0.78, 1.8), _cylinder_normals(0.78, 1.8), 0.78, 1.8, None, (0.78, 0.78)
            )
        case "cone":
            return Form(_cone_crossing(0.95, 2.0), _cone_normals(0.95, 2.0), 0.95, 2.0, None, (0.95, 0.95))
        case "ring":
            return Form(_ring_crossing(0.82, 0.34), _ring_normals(0.82, 0.34), 1.16, 0.68, None, (1.16, 1.16))


@cache
def _card_form(aspect: float) -> Form:
    """A folded card of height 1; its front is the plane that faces `-y`, and comes first."""
    front, back, half = 0.26, 0.3, aspect / 2
    planes = [
        _plane(0, -1, front, front),
        _plane(0, 1, back, back),
        _plane(1, 0, 0, half),
        _plane(-1, 0, 0, half),
        _plane(0, 0, -1, 0),
    ]
    return _polyhedron(np.array(planes, np.float32), pi * 2, 1.0, (half, back), bevel=0.012)


def _plane(a: float, b: float, c: float, d: float) -> tuple[float, float, float, float]:
    length = (a * a + b * b + c * c) ** 0.5
    return a / length, b / length, c / length, d / length


def _upright(sides: int, inner: float, height: float) -> Floats:
    angles = [2 * pi * k / sides for k in range(sides)]
    planes = [_plane(cos(a), sin(a), 0, inner) for a in angles]
    return np.array([*planes, _plane(0, 0, 1, height), _plane(0, 0, -1, 0)], np.float32)


def _pyramid(half: float, height: float) -> Floats:
    slope = half / height
    planes = [_plane(cos(a), sin(a), slope, half) for a in (0, pi / 2, pi, 3 * pi / 2)]
    return np.array([*planes, _plane(0, 0, -1, 0)], np.float32)


def _tent(length: float, half: float, height: float) -> Floats:
    """A triangular prism that lies on one of its long faces, its ridge along x."""
    slope = half / height
    planes = [
        _plane(0, -1, slope, half),
        _plane(0, 1, slope, half),
        _plane(1, 0, 0, length),
        _plane(-1, 0, 0, length),
        _plane(0, 0, -1, 0),
    ]
    return np.array(planes, np.float32)


def _polyhedron(
    planes: Floats, symmetry: float, height: float, size: tuple[float, float], bevel: float = _BEVEL
) -> Form:
    """A convex solid: the points with `n · p <= d` for every plane (n, d)."""

    def crossing(origin: Triple, direction: Triple) -> Interval:
        entry, leave = np.asarray(-FAR), np.asarray(FAR)
        for a, b, c, d in planes:
            toward = a * direction[0] + b * direction[1] + c * direction[2]
            room = d - (a * origin[0] + b * origin[1] + c * origin[2])
            toward = np.where(np.abs(toward) < 1e-9, np.float32(1e-9), toward)
            t = room / toward
            entry = np.maximum(entry, np.where(toward < 0, t, -FAR))
            leave = np.minimum(leave, np.where(toward > 0, t, FAR))
        return entry, leave

    def normals(points: Floats, blur: float) -> Floats:
        distances = planes[:, :3] @ points - planes[:, 3:]
        weights = np.exp(
            np.maximum((distances - distances.max(axis=0)) * np.float32(1 / max(bevel, blur)), -30)
        )
        return normalized(planes[:, :3].T @ weights)

    radius = (size[0] ** 2 + size[1] ** 2) ** 0.5
    return Form(crossing, normals, radius, height, symmetry, size)


def _quadratic(a: Floats, half_b: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
    """Discriminant / 4 and both roots of `a t² + 2 half_b t + c`, in order where a > 0; meaningless where the
    discriminant is negative."""
    discriminant = half_b * half_b - a * c
    root = np.sqrt(np.maximum(discriminant, 0))
    return discriminant, (-half_b - root) / a, (-half_b + root) / a


def _slab(origin: Floats, direction: Floats, low: float, high: float) -> Interval:
    """Where the ray's z lies between two heights."""
    safe = np.where(np.abs(direction) < 1e-9, np.float32(1e-9), direction)
    t1, t2 = (np.float32(low) - origin) / safe, (np.float32(high) - origin) / safe
    return np.minimum(t1, t2), np.maximum(t1, t2)


def _within(hit: Floats, first: Interval, second: Interval) -> Interval:
    """The shared interval; empty where `hit` is negative."""
    entry = np.where(hit >= 0, np.maximum(first[0], second[0]), FAR)
    return entry, np.minimum(first[1], second[1])


def _ball_crossing(radius: float, center: float) -> Callable[[Triple, Triple], Interval]:
    def crossing(origin: Triple, direction: Triple) -> Interval:
        ox, oy, oz = origin
        dx, dy, dz = direction
        oz = oz - np.float32(center)
        hit, t1, t2 = _quadratic(
            dx * dx + dy * dy + dz * dz,
            ox * dx + oy * dy + oz * dz,
            ox * ox + oy * oy + oz * oz - np.float32(radius * radius),
        )
        if center == 0:
            return _within(hit, (t1, t2), _slab(oz, dz, 0, 2 * radius))
        return np.where(hit >= 0, t1, FAR), t2

    return crossing


def _ball_normals(center: float) -> Callable[[Floats, float], Floats]:
    def normals(points: Floats, blur: float) -> Floats:
        moved = points.copy()
        moved[2] -= np.float32(center)
        return normalized(moved)

    return normals


def _cylinder_crossing(radius: float, height: float) -> Callable[[Triple, Triple], Interval]:
    def crossing(origin: Triple, direction: Triple) -> Interval:
        ox, oy, oz = origin
        dx, dy, dz = direction
        hit, t1, t2 = _quadratic(
            np.maximum(dx * dx + dy * dy, np.float32(1e-12)),
            ox * dx + oy * dy,
            ox * ox + oy * oy - np.float32(radius * radius),
        )
        return _within(hit, (t1, t2), _slab(oz, dz, 0, height))

    return crossing


def _cylinder_normals(radius: float, height: float) -> Callable[[Floats, float], Floats]:
    def normals(points: Floats, blur: float) -> Floats:
        x, y, z = points
        reach = np.sqrt(x * x + y * y)
        outer = (reach - np.float32(radius) - z + np.float32(height)) * np.float32(1 / max(_BEVEL, blur))
        top = 1 / (1 + np.exp(np.clip(outer, -30, 30)))
        side = (1 - top) / np.maximum(reach, np.float32(1e-6))
        return normalized(np.stack((x * side, y * side, top)))

    return normals


def _cone_crossing(radius: float, height: float) -> Callable[[Triple, Triple], Interval]:
    slope = np.float32((radius / height) ** 2)

    def crossing(origin: Triple, direction: Triple) -> Interval:
        ox, oy, oz = origin
        dx, dy, dz = direction
        below = np.float32(height) - oz
        a = dx * dx + dy * dy - slope * dz * dz
        a = np.where(np.abs(a) < 1e-9, np.float32(1e-9), a)
        hit, t1, t2 = _quadratic(
            a, ox * dx + oy * dy + slope * below * dz, ox * ox + oy * oy - slope * below * below
        )
        # A ray steeper than the cone's side is inside the lower half on one side of a single root.
        low, high = np.minimum(t1, t2), np.maximum(t1, t2)
        steep, down = a < 0, dz < 0
        entry = np.where(steep, np.where(down, high, -FAR), low)
        leave = np.where(steep, np.where(down, FAR, low), high)
        return _within(hit, (entry, leave), _slab(oz, dz, 0, height))

    return crossing


def _cone_normals(radius: float, height: float) -> Callable[[Floats, float], Floats]:
    def normals(points: Floats, blur: float) -> Floats:
        x, y, _ = points
        reach = np.maximum(np.sqrt(x * x + y * y), np.float32(1e-6))
        up = np.full_like(x, radius / height)
        return normalized(np.stack((x / reach, y / reach, up)))

    return normals


def _ring_crossing(radius: float, tube: float) -> Callable[[Triple, Triple], Interval]:
    """A torus that lies flat, by sphere tracing (Hart 1996) inside its bounding cylinder."""
    bounds = _cylinder_crossing(radius + tube, 2 * tube)

    def crossing(origin: Triple, direction: Triple) -> Interval:
        entry, leave = bounds(origin, direction)
        speed = np.sqrt(direction[0] ** 2 + direction[1] ** 2 + direction[2] ** 2)
        t = np.maximum(entry, 0)
        inside = t < leave
        o = [np.broadcast_to(c, t.shape)[inside] for c in origin]
        d = [np.broadcast_to(c, t.shape)[inside] for c in direction]
        ts, pace = t[inside], 1 / np.broadcast_to(speed, t.shape)[inside]
        gap = ts
        for _ in range(14):
            x, y, z = o[0] + ts * d[0], o[1] + ts * d[1], o[2] + ts * d[2]
            reach = np.sqrt(x * x + y * y) - np.float32(radius)
            z = z - np.float32(tube)
            gap = np.sqrt(reach * reach + z * z) - np.float32(tube)
            ts = ts + gap * pace
        hit = (gap < 0.02) & (ts < leave[inside])
        entry = np.full_like(t, FAR)
        entry[inside] = np.where(hit, ts, FAR)
        return entry, np.where(entry < FAR, leave, -FAR)

    return crossing


def _ring_normals(radius: float, tube: float) -> Callable[[Floats, float], Floats]:
    def normals(points: Floats, blur: float) -> Floats:
        x, y, z = points
        reach = np.maximum(np.sqrt(x * x + y * y), np.float32(1e-6))
        inward = 1 - np.float32(radius) / reach
        return normalized(np.stack((x * inward, y * inward, z - np.float32(tube))))

    return normals
