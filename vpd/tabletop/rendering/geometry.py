"""What the camera sees where: for every sample of the image, the thing in front and its depth."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, floor, sin

import numpy as np
import numpy.typing as npt

from vpd.tabletop.rendering.arrays import FAR, Floats
from vpd.tabletop.rendering.camera import View, view_of
from vpd.tabletop.rendering.forms import Triple, form_of, scale_of
from vpd.tabletop.scene import Scene, Thing

NOTHING = -1


@dataclass(frozen=True, slots=True)
class Frame:
    """A thing's own coordinates in the world: turned by `yaw`, enlarged by `scale`, moved to (x, y)."""

    x: float
    y: float
    cosine: float
    sine: float
    scale: float

    def origin(self, position: tuple[float, float, float]) -> Triple:
        """A world point in the thing's coordinates."""
        dx, dy, dz = position[0] - self.x, position[1] - self.y, position[2]
        local = (self.cosine * dx + self.sine * dy, self.cosine * dy - self.sine * dx, dz)
        return tuple(np.float32(c / self.scale) for c in local)  # type: ignore[return-value]

    def to_world(self, normals: Floats) -> Floats:
        """Directions (3, n) turned into the world's axes."""
        x, y, z = normals
        return np.stack((self.cosine * x - self.sine * y, self.sine * x + self.cosine * y, z)).astype(
            np.float32
        )


def frame_of(thing: Thing) -> Frame:
    return Frame(thing.x, thing.y, cos(thing.yaw), sin(thing.yaw), scale_of(thing))


@dataclass(frozen=True, slots=True)
class Window:
    """The rectangle of samples that a thing can cover, in whole pixels: rows and columns, ends exclusive."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Samples lie on a regular grid, `samples` × `samples` to a pixel."""

    view: View
    samples: int
    depth: Floats
    """(height · samples, width · samples): along the optical axis, `FAR` where no thing is."""
    owner: npt.NDArray[np.int16]
    """Same shape: index into `scene.things` of what is in front, or `NOTHING`."""
    windows: tuple[Window, ...]
    covered: tuple[int, ...]
    """Per thing: the samples it would cover if nothing stood before it."""


def geometry_of(scene: Scene, samples: int) -> Geometry:
    """Cast `samples` × `samples` rays per pixel at every thing."""
    view = view_of(scene)
    rows, columns = scene.height * samples, scene.width * samples
    depth = np.full((rows, columns), FAR, np.float32)
    owner = np.full((rows, columns), NOTHING, np.int16)
    windows: list[Window] = []
    covered: list[int] = []
    for index, thing in enumerate(scene.things):
        window = _window(view, thing, samples)
        windows.append(window)
        t = _cast(view, thing, window, samples)
        covered.append(int(np.count_nonzero(t < FAR)))
        nearest = depth[window.slices]
        front = t < nearest
        owner[window.slices][front] = index
        np.minimum(nearest, t, out=nearest)
    return Geometry(view, samples, depth, owner, tuple(windows), tuple(covered))


def _window(view: View, thing: Thing, samples: int) -> Window:
    form, frame = form_of(thing), frame_of(thing)
    half_x, half_y = form.size[0] * frame.scale, form.size[1] * frame.scale
    corners = [
        view.pixel(
            frame.x + frame.cosine * x - frame.sine * y,
            frame.y + frame.sine * x + frame.cosine * y,
            z,
        )
        for x in (-half_x, half_x)
        for y in (-half_y, half_y)
        for z in (0.0, form.height * frame.scale)
    ]
    columns, rows = zip(*corners, strict=True)
    return Window(
        max(floor(min(rows)), 0) * samples,
        min(ceil(max(rows)), view.height) * samples,
        max(floor(min(columns)), 0) * samples,
        min(ceil(max(columns)), view.width) * samples,
    )


def directions(view: View, frame: Frame, right: Floats, up: Floats) -> Triple:
    """Rays of unit depth in a thing's coordinates, from their slopes; `right` and `up` broadcast."""
    x = right
    y = np.float32(view.cosine) + np.float32(view.sine) * up
    z = np.float32(view.cosine) * up - np.float32(view.sine)
    c, s, k = np.float32(frame.cosine), np.float32(frame.sine), np.float32(1 / frame.scale)
    return (c * x + s * y) * k, (c * y - s * x) * k, z * k


@lru_cache(maxsize=64)  # most things in a clip stay where they are from frame to frame
def _cast(view: View, thing: Thing, window: Window, samples: int) -> Floats:
    """Depth at every sample of the window; `FAR` where the thing is not."""
    frame = frame_of(thing)
    columns = (np.arange(window.left, window.right, dtype=np.float32) + 0.5) / samples
    rows = (np.arange(window.top, window.bottom, dtype=np.float32) + 0.5) / samples
    right = ((columns - view.width / 2) / view.focal).astype(np.float32)[None, :]
    up = ((view.height / 2 - rows) / view.focal).astype(np.float32)[:, None]
    entry, leave = form_of(thing).crossing(frame.origin(view.position), directions(view, frame, right, up))
    return np.where((entry <= leave) & (entry > 0), entry, FAR)
