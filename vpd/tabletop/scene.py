"""A scene: what stands on the table, and how it is lit and looked at.

World coordinates are right-handed: `x` to the right, `y` away from the camera, `z` up; the table is `z = 0`.
Angles are in radians. Lengths have no unit: a medium sphere's radius is 0.6.
"""

from dataclasses import dataclass
from typing import Literal

from vpd.tabletop.vocabulary import Color, Material, Shape, Size

Covering = Literal["oak", "walnut", "planks", "marble", "linen", "checks", "stone"]

RADIUS: dict[Size, float] = {"small": 0.37, "medium": 0.6, "large": 0.98}
"""The unit of a solid's own coordinates, per size."""


@dataclass(frozen=True, slots=True)
class Solid:
    shape: Shape
    color: Color
    material: Material
    size: Size
    x: float
    y: float
    yaw: float
    shade: float = 0.0
    """How far this one's colour departs from the usual, in [-1, 1]."""

    @property
    def scale(self) -> float:
        return RADIUS[self.size]


@dataclass(frozen=True, slots=True)
class Card:
    """A folded card that stands on the table, its front towards the camera."""

    text: str
    x: float
    y: float
    yaw: float
    """0 faces the camera squarely."""
    height: float
    ink: int = 0
    """Which pair of paper and ink."""

    @property
    def width(self) -> float:
        return self.height * card_aspect(self.text)


def card_aspect(text: str) -> float:
    """Width over height of the card that `text` is printed on."""
    return 1.25 if len(text) <= 3 else 1.9


Thing = Solid | Card


@dataclass(frozen=True, slots=True)
class Sheet:
    """Flat clutter on the table (paper, a coaster): part of the background, never asked about."""

    x: float
    y: float
    yaw: float
    width: float
    length: float
    round: bool
    color: tuple[float, float, float]
    """sRGB, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks along `+y` and down at `(0, 0, 0)`."""

    elevation: float
    distance: float
    field_of_view: float
    """Of the image's height."""


@dataclass(frozen=True, slots=True)
class Light:
    azimuth: float
    """Of the direction towards the light; 0 is `+x`."""
    elevation: float
    """One of `rendering.shadows.ELEVATIONS`."""
    key: float
    """Strength of the lamp."""
    ambient: float
    warmth: float
    """In [-1, 1]: from bluish to yellowish."""


@dataclass(frozen=True, slots=True)
class Table:
    covering: Covering
    edge: float
    """`y` of the far edge; behind it is the wall."""
    yaw: float
    offset: float
    """Where in the covering's pattern the origin lies."""
    wall: tuple[float, float, float]
    """sRGB, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Scene:
    seed: int
    """Of the sensor noise."""
    width: int
    height: int
    camera: Camera
    light: Light
    table: Table
    solids: tuple[Solid, ...]
    cards: tuple[Card, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    noise: float = 0.01
    """Standard deviation of the sensor noise, as a share of the full range."""

    @property
    def things(self) -> tuple[Thing, ...]:
        """Solids, then cards: the order of every per-thing list."""
        return (*self.solids, *self.cards)
