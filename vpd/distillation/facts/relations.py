"""From a comparison of two measures to how two regions stand to each other."""

from typing import NamedTuple

from vpd.distillation.facts.models import Direction
from vpd.distillation.facts.quantities import PARTS
from vpd.distillation.replay.values import Measured

_ACROSS = frozenset({"left", "right", "horizontal_center"})
_UPRIGHT = frozenset({"lower", "upper", "vertical_center"})
_MIDDLES = frozenset({"horizontal_center", "vertical_center"})
_SIZES: dict[str, tuple[Direction, Direction]] = {
    "width": ("narrower", "wider"),
    "height": ("shorter", "taller"),
    "area": ("smaller", "larger"),
    "depth": ("closer", "farther"),
}
_ENTIRELY = frozenset(
    {("right", "<", "left"), ("left", ">", "right"), ("upper", "<", "lower"), ("lower", ">", "upper")}
)


class Relation(NamedTuple):
    direction: Direction
    part_a: str
    part_b: str
    entirely: bool
    holds: bool


def relation(
    a: Measured, operator: str, b: Measured, values: tuple[float, float], holds: bool
) -> Relation | None:
    """What `a operator b` says of the two regions; None where it is nothing but a comparison of numbers."""
    if operator in ("<=", ">="):
        if values[0] == values[1]:
            # Equal: what is said is that the opposite does not hold.
            operator, holds = (">" if operator == "<=" else "<"), False
        else:
            operator = operator[0]
    if operator not in ("<", ">"):
        return None
    less = operator == "<"
    if a.what in _SIZES and a.what == b.what:
        return Relation(_SIZES[a.what][0 if less else 1], "", "", False, holds)
    for axis, names in ((_ACROSS, ("left", "right")), (_UPRIGHT, ("below", "above"))):
        if a.what in axis and b.what in axis:
            direction: Direction = names[0] if less else names[1]  # type: ignore[assignment]
            if (a.what, operator, b.what) in _ENTIRELY:
                return Relation(direction, "", "", True, holds)
            if a.what == b.what and a.what in _MIDDLES:
                return Relation(direction, "", "", False, holds)
            return Relation(direction, PARTS[a.what], PARTS[b.what], False, holds)
    return None
