"""Scenes made by hand."""

from dataclasses import replace
from math import radians

from vpd.tabletop.annotation import Annotation, annotate
from vpd.tabletop.rendering.shadows import ELEVATIONS
from vpd.tabletop.scene import Camera, Card, Light, Scene, Solid, Table

EMPTY = Scene(
    1,
    128,
    128,
    Camera(radians(36), 12.5, radians(33)),
    Light(0.3, ELEVATIONS[1], 1.0, 0.25, 0.0),
    Table("linen", 4.0, 0.0, 0.0, (0.8, 0.8, 0.8)),
    (),
    noise=0.0,
)


def cube(x: float, y: float, **changes) -> Solid:  # type: ignore[no-untyped-def]
    return replace(Solid("cube", "red", "rubber", "medium", x, y, 0.4), **changes)


def seen_in(*solids: Solid, cards: tuple[Card, ...] = ()) -> Annotation | None:
    return annotate(replace(EMPTY, solids=solids, cards=cards))
