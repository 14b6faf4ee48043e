"""What can be seen in a scene, exactly: visible boxes, attributes, text and depth, without rendering it.

Boxes are whole pixels `(x1, y1, x2, y2)`, origin top left, `x2` and `y2` exclusive. They hold the part of a
thing that is not hidden: the pixels whose middle shows it. Depth is along the optical axis, larger is farther.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vpd.tabletop.rendering.arrays import Floats
from vpd.tabletop.rendering.background import ground_of
from vpd.tabletop.rendering.geometry import Geometry, geometry_of
from vpd.tabletop.scene import Card, Scene, Solid, Thing

PixelBox = tuple[int, int, int, int]

MIN_SHARE = {Solid: 0.6, Card: 0.97}
"""A thing of which less is visible has no place in a scene."""

MIN_PIXELS = 32
"""Nor has one that shows fewer pixels."""

SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing as it is seen."""

    thing: Thing
    box: PixelBox
    share: float
    """How much of it is not hidden, by pixels."""
    depth: float
    """Of its middle."""

    @property
    def name(self) -> str:
        return self.thing.shape if isinstance(self.thing, Solid) else SIGN

    @property
    def attributes(self) -> tuple[str, ...]:
        """Colour, material and, of a solid, size."""
        thing = self.thing
        return (thing.color, thing.material, thing.size) if isinstance(thing, Solid) else ("white", "paper")

    @property
    def text(self) -> str:
        """What is printed on it; '' on a solid."""
        return self.thing.text if isinstance(self.thing, Card) else ""

    @property
    def center(self) -> float:
        """Middle of the box, from the left."""
        return (self.box[0] + self.box[2]) / 2

    @property
    def area(self) -> int:
        """Of the box."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


@dataclass(frozen=True)
class Annotation:
    """All of what one image shows."""

    scene: Scene
    seen: tuple[Seen, ...]
    """From left to right."""

    @cached_property
    def geometry(self) -> Geometry:
        """One sample in the middle of each pixel."""
        return geometry_of(self.scene, samples=1)

    @property
    def width(self) -> int:
        return self.scene.width

    @property
    def height(self) -> int:
        return self.scene.height

    @property
    def solids(self) -> tuple[Seen, ...]:
        return tuple(s for s in self.seen if isinstance(s.thing, Solid))

    @property
    def signs(self) -> tuple[Seen, ...]:
        return tuple(s for s in self.seen if isinstance(s.thing, Card))

    @cached_property
    def depth_map(self) -> Floats:
        """(height, width) at the middle of each pixel, table and wall included."""
        ground = ground_of(self.geometry.view, self.scene.table.edge).depth
        return np.minimum(self.geometry.depth, ground[:, None])

    def median_depth(self, box: PixelBox) -> float:
        """What `compute_depth` answers for a region when depth is known exactly."""
        x1, y1, x2, y2 = box
        return float(np.median(self.depth_map[y1:y2, x1:x2]))


def annotate(scene: Scene) -> Annotation | None:
    """None if some thing is too small or too hidden to be asked about."""
    geometry = geometry_of(scene, samples=1)
    seen: list[Seen] = []
    for index, thing in enumerate(scene.things):
        window = geometry.windows[index]
        shown = geometry.owner[window.slices] == index
        pixels = int(np.count_nonzero(shown))
        share = pixels / max(geometry.covered[index], 1)
        if pixels < MIN_PIXELS or share < MIN_SHARE[type(thing)]:
            return None
        rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
        box = (
            window.left + int(columns[0]),
            window.top + int(rows[0]),
            window.left + int(columns[-1]) + 1,
            window.top + int(rows[-1]) + 1,
        )
        middle = thing.scale if isinstance(thing, Solid) else thing.height / 2
        seen.append(Seen(thing, box, share, geometry.view.depth_of(thing.x, thing.y, middle)))
    annotation = Annotation(scene, tuple(sorted(seen, key=lambda s: (s.box[0], s.box[1]))))
    annotation.__dict__["geometry"] = geometry  # it need not be made a second time
    return annotation
