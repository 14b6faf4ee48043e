"""Two comparisons of one thing's centre, with the least and the most of two others': whether it lies between them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vpd.distillation.facts.models import Fact, HasProperty, MeasureCompared, Thing
from vpd.distillation.facts.naming import phrase

_FURTHEST = re.compile(r"the (leftmost|lowest|rightmost|highest) of the centres of (the .+ and the .+)")
_LEAST = ("leftmost", "lowest")
_WAYS = {"across": "from left to right", "upright": "from top to bottom"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class _Side(NamedTuple):
    """On which side of one of the two it must lie, and whether it does."""

    least: bool
    of: str
    holds: bool


def between(facts: Sequence[Fact], thing: Thing) -> HasProperty | None:
    """What the comparisons of one pass of a loop say together; None where they say something else.

    One that fails is enough: programs do not look at the other side then.
    """
    name = f"the centre of {phrase(thing, set())}"
    compared = [fact for fact in facts if isinstance(fact, MeasureCompared)]
    sides = [side for side in (_side(fact, name) for fact in compared) if side is not None]
    if not sides or len(sides) != len(facts) or len({side.of for side in sides}) > 1:
        return None
    holds = all(side.holds for side in sides)
    ends = {side.least for side in sides}
    if len(ends) != len(sides) or (holds and len(sides) < 2):
        return None
    steps = tuple(sorted({step for fact in compared for step in fact.steps}))
    return HasProperty(thing=thing, property=f"between {sides[0].of}", holds=holds, steps=steps)


def _side(fact: MeasureCompared, name: str) -> _Side | None:
    left, right, operator = fact.left.phrase, fact.right.phrase, fact.operator
    if right == name and operator in _TURNED:
        left, right, operator = right, left, _TURNED[operator]
    furthest = _FURTHEST.fullmatch(right)
    if left != name or furthest is None or not fact.axis:
        return None
    least = furthest[1] in _LEAST
    if operator not in ((">", ">=") if least else ("<", "<=")):
        return None
    return _Side(least, f"{furthest[2]} {_WAYS[fact.axis]}", fact.holds)
