"""From a list of what should stand on the table to a scene in which all of it can be seen."""

from dataclasses import dataclass, replace
from math import hypot, pi, radians
from typing import NamedTuple

import numpy as np

from vpd.tabletop.rendering.camera import View, view_of
from vpd.tabletop.rendering.forms import form_of, scale_of
from vpd.tabletop.rendering.shadows import ELEVATIONS
from vpd.tabletop.scene import Camera, Card, Light, Scene, Sheet, Solid, Table, Thing
from vpd.tabletop.vocabulary import Color, Material, Shape, Size

CARD_HEIGHT = 1.45
SMALL_CARD_HEIGHT = 0.56
"""Of a card in a wide scene, where it is the cue to zoom in on."""

_GAP = 0.12
_TRIES = 40
_WALLS = ((0.88, 0.87, 0.84), (0.80, 0.85, 0.88), (0.86, 0.82, 0.78), (0.83, 0.86, 0.80), (0.84, 0.81, 0.86))
_COVERINGS = ("oak", "walnut", "planks", "marble", "linen", "checks", "stone")
_SHEETS = ((0.95, 0.94, 0.91), (0.90, 0.86, 0.78), (0.80, 0.82, 0.84), (0.72, 0.68, 0.62))


class Look(NamedTuple):
    """What one solid is."""

    shape: Shape
    color: Color
    material: Material
    size: Size


@dataclass(frozen=True, slots=True)
class Plan:
    """What should stand on the table."""

    looks: tuple[Look, ...]
    texts: tuple[str, ...] = ()
    """One card each."""
    size: int = 128
    """Of the square image, in pixels."""
    wide: bool = False
    """Seen from far away: everything is small, and cards are small even for that."""


class _Spot(NamedTuple):
    """Room taken: on the table a circle, on the image a box."""

    x: float
    y: float
    radius: float
    box: tuple[float, float, float, float]


def arrange(plan: Plan, rng: np.random.Generator) -> Scene | None:
    """Lay a plan out at random, with random camera, light and table; None if it finds no room.

    Every thing is wholly inside the image, and no two stand in one another; how much of each is hidden is for
    `annotation.annotate` to say.
    """
    scene = _empty_scene(plan, rng)
    view = view_of(scene)
    order = sorted(
        range(len(plan.looks)), key=lambda k: ("large", "medium", "small").index(plan.looks[k].size)
    )
    spots: list[_Spot] = []
    cards: list[Card] = []
    for text in plan.texts:
        card = Card(text, 0, 0, float(rng.uniform(-0.35, 0.35)), _card_height(plan), int(rng.integers(4)))
        placed = _place(card, view, scene, spots, rng)
        if not isinstance(placed, Card):
            return None
        cards.append(placed)
    solids: dict[int, Solid] = {}
    for k in order:
        look = plan.looks[k]
        solid = Solid(*look, 0, 0, _yaw(look.shape, rng), float(rng.uniform(-1, 1)))
        placed = _place(solid, view, scene, spots, rng)
        if not isinstance(placed, Solid):
            return None
        solids[k] = placed
    sheets = tuple(_sheet(view, rng) for _ in range(int(rng.integers(0, 4))))
    return replace(
        scene, solids=tuple(solids[k] for k in range(len(plan.looks))), cards=tuple(cards), sheets=sheets
    )


def _card_height(plan: Plan) -> float:
    return SMALL_CARD_HEIGHT if plan.wide else CARD_HEIGHT


def _yaw(shape: Shape, rng: np.random.Generator) -> float:
    """A prism seen end on looks like a pyramid, and a cube seen square on like a card: turn them away."""
    if shape == "prism":
        return float(rng.uniform(radians(28), radians(58)) * rng.choice((-1, 1)))
    if shape == "cube":
        return float(rng.uniform(radians(12), radians(78)))
    return float(rng.uniform(0, 2 * pi))


def _empty_scene(plan: Plan, rng: np.random.Generator) -> Scene:
    far = 2.3 if plan.wide else 1.0
    elevation = rng.uniform(31, 43)
    camera = Camera(radians(elevation), float(rng.uniform(12.0, 13.0)) * far, radians(33))
    side = 0.0 if rng.random() < 0.5 else pi
    light = Light(
        azimuth=side + float(rng.uniform(-0.7, 1.1)) * (1 if side == 0 else -1),
        elevation=float(rng.choice(ELEVATIONS)),
        key=float(rng.uniform(0.8, 1.1)),
        ambient=float(rng.uniform(0.16, 0.3)),
        warmth=float(rng.uniform(-1, 1)),
    )
    wall = np.asarray(_WALLS[rng.integers(len(_WALLS))]) * rng.uniform(0.9, 1.08)
    scene = Scene(
        seed=int(rng.integers(2**31)),
        width=plan.size,
        height=plan.size,
        camera=camera,
        light=light,
        table=Table(
            _COVERINGS[rng.integers(len(_COVERINGS))],  # type: ignore[arg-type]
            edge=0.0,
            yaw=float(rng.uniform(-0.5, 0.5)),
            offset=float(rng.uniform(0, 5)),
            wall=(float(wall[0]), float(wall[1]), float(wall[2])),
        ),
        solids=(),
        noise=float(rng.uniform(0.004, 0.02)),
    )
    _, edge = view_of(scene).on_table(plan.size / 2, plan.size * float(rng.uniform(0.05, 0.2)))
    return replace(scene, table=replace(scene.table, edge=edge))


def _place(
    thing: Thing, view: View, scene: Scene, spots: list[_Spot], rng: np.random.Generator
) -> Thing | None:
    """Move a thing to a free place, and note the room it takes."""
    form, scale = form_of(thing), scale_of(thing)
    radius = form.radius * scale
    top = view.height * 0.12
    for _ in range(_TRIES):
        x, y = view.on_table(
            float(rng.uniform(0.04, 0.96)) * view.width, float(rng.uniform(top, 0.97 * view.height))
        )
        if y + radius > scene.table.edge:
            continue
        box = _outline(view, x, y, radius, form.height * scale)
        inside = box[0] > 2 and box[1] > 2 and box[2] < view.width - 2 and box[3] < view.height - 2
        if inside and all(_apart(x, y, radius, box, spot) for spot in spots):
            spots.append(_Spot(x, y, radius, box))
            return replace(thing, x=x, y=y)
    return None


def _outline(
    view: View, x: float, y: float, radius: float, height: float
) -> tuple[float, float, float, float]:
    """A box on the image that holds an upright cylinder."""
    around = ((x - radius, y), (x + radius, y), (x, y - radius), (x, y + radius))
    corners = [view.pixel(px, py, z) for px, py in around for z in (0.0, height)]
    columns, rows = zip(*corners, strict=True)
    return min(columns), min(rows), max(columns), max(rows)


def _apart(x: float, y: float, radius: float, box: tuple[float, float, float, float], other: _Spot) -> bool:
    """Whether two things stand clear of one another, and neither hides much of the other."""
    if hypot(x - other.x, y - other.y) < radius + other.radius + _GAP:
        return False
    wide = min(box[2], other.box[2]) - max(box[0], other.box[0])
    high = min(box[3], other.box[3]) - max(box[1], other.box[1])
    if wide <= 0 or high <= 0:
        return True
    behind = box if y > other.y else other.box
    return wide * high < 0.4 * (behind[2] - behind[0]) * (behind[3] - behind[1])


def _sheet(view: View, rng: np.random.Generator) -> Sheet:
    x, y = view.on_table(float(rng.uniform(0, view.width)), float(rng.uniform(0.25, 1.0) * view.height))
    round_one = bool(rng.random() < 0.4)
    side = float(rng.uniform(0.8, 1.6))
    return Sheet(
        x, y, float(rng.uniform(0, pi)), side, side * float(rng.uniform(1.2, 1.5)), round_one,
        _SHEETS[rng.integers(len(_SHEETS))],
    )  # fmt: skip
