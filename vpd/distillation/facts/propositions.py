"""From a true or false value of a program to the statements that it is made of."""

from collections.abc import Iterator
from typing import cast

from vpd.distillation.facts.models import (
    CountCompared,
    Direction,
    Fact,
    MeasureCompared,
    Operator,
    Quantity,
    Related,
    TextCompared,
)
from vpd.distillation.facts.naming import Naming
from vpd.distillation.facts.quantities import PARTS, Speaker
from vpd.distillation.facts.relations import relation
from vpd.distillation.replay.idioms import measure_of
from vpd.distillation.replay.values import (
    Called,
    Compared,
    Computed,
    Constant,
    Form,
    Gathered,
    Joined,
    Length,
    Measured,
    Negated,
    Tally,
    Value,
    truth,
)

_MIRRORED: dict[str, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_PRESENCE = frozenset({("==", 0), ("!=", 0), (">", 0), ("<=", 0), (">=", 1), ("<", 1)})
"""Comparisons that only ask whether there is one: the count itself has been stated."""

_CENTRES = {"width": "horizontal_center", "height": "vertical_center"}

_TEXT_TESTS = {
    "==": "is", "!=": "is", "in": "contains", "not in": "contains", "startswith": "starts", "endswith": "ends",
}  # fmt: skip


class Propositions:
    """Takes apart the conditions of one replay."""

    def __init__(self, naming: Naming, speaker: Speaker) -> None:
        self._naming = naming
        self._speaker = speaker

    def of(self, value: Value, scope: set[str]) -> Iterator[tuple[Form, Fact]]:
        """The statements of a condition, as far as it was evaluated, each with the form that it comes from.

        What a tool said is not among them: that is stated where the tool was called.
        """
        match value.form:
            case Joined(operands=operands):
                for operand in operands:
                    yield from self.of(operand, scope)
            case Negated(of=of):
                yield from self.of(of, scope)
            case Compared() as form:
                # `bool_to_yesno` keeps the form, and makes a text of the truth.
                holds = value.data == "yes" if isinstance(value.data, str) else truth(value)
                fact = self._compared(form, holds, scope) if holds is not None else None
                if fact is not None:
                    yield form, fact
            case _:
                pass

    def _compared(self, form: Compared, holds: bool, scope: set[str]) -> Fact | None:
        left, right = form.left, form.right
        if form.operator == "overlaps":
            return self._related(left, right, "overlaps", holds)
        if isinstance(left.data, str) and isinstance(right.data, str):
            return self._text_test(form, holds, scope)
        if form.operator not in _MIRRORED:
            return None
        operator = cast("Operator", form.operator)
        if isinstance(left.form, Constant):
            left, operator, right = right, _MIRRORED[operator], left
        if isinstance(left.form, Length | Tally):
            return self._count(left, operator, right, holds)
        if _is_number(left) and _is_number(right):
            return self._numbers(*_margin(left, operator, right), holds, scope)
        return None

    def _related(self, a: Value, b: Value, direction: Direction, holds: bool) -> Related | None:
        first, second = self._naming.thing(a), self._naming.thing(b)
        if first is None or second is None:
            return None
        return Related(a=first, b=second, direction=direction, holds=holds)

    def _numbers(
        self, left: Value, operator: Operator, right: Value, holds: bool, scope: set[str]
    ) -> Fact | None:
        a, b = self._place(left), self._place(right)
        if isinstance(a, Measured) and isinstance(b, Measured):
            if a.of.data == b.of.data and (a.what == b.what or (a.what in PARTS and b.what in PARTS)):
                return None  # a region compared with itself
            related = relation(a, operator, b, (left.data, right.data), holds)
            first, second = self._naming.thing(a.of), self._naming.thing(b.of)
            if related is not None and first is not None and second is not None and a.of.data != b.of.data:
                return Related(
                    a=first,
                    part_a=related.part_a if first.box is not None else "centre",
                    direction=related.direction,
                    b=second,
                    part_b=related.part_b if second.box is not None else "centre",
                    entirely=related.entirely,
                    holds=related.holds,
                )
        if isinstance(a, Computed) and a.operation == "distance" and left.data <= 0:
            one, other = a.operands
            touching = self._related(one, other, "touches", holds=True)
            if touching is not None:
                return touching
        return self._measures(left, operator, right, holds, scope)

    def _place(self, value: Value) -> Form:
        """The measure of a value; half of an image's width or height is its centre."""
        form = measure_of(value)
        match form:
            case Computed(operation="/" | "//", operands=[Value(form=Measured() as side), Value(data=2)]):
                whole = self._naming.thing(side.of)
                if whole is not None and whole.box is None and side.what in _CENTRES:
                    return Measured(_CENTRES[side.what], side.of)
            case _:
                pass
        return form

    def _measures(
        self, left: Value, operator: Operator, right: Value, holds: bool, scope: set[str]
    ) -> MeasureCompared | None:
        first, second = self._speaker.quantity(left, scope), self._speaker.quantity(right, scope)
        if first is None or second is None or not first.phrase or first.phrase == second.phrase:
            return None
        if not second.phrase and right.data < 0 <= left.data:
            return None  # a number that stands for nothing, such as -1
        if not second.phrase:
            value = cast("float", second.value) * (100 if first.unit == "percent" else 1)
            second = Quantity(phrase="", value=value, unit=first.unit)
        axis = self._speaker.axis(left)
        if axis is None or axis != self._speaker.axis(right):
            axis = ""
        return MeasureCompared(left=first, operator=operator, right=second, holds=holds, axis=axis)

    def _count(self, left: Value, operator: Operator, right: Value, holds: bool) -> CountCompared | None:
        noun, such = self._counted(left)
        if noun is None or not _is_number(left) or not _is_number(right):
            return None
        other = ""
        if isinstance(right.form, Length | Tally):
            other = self._counted(right)[0]
            if other is None:
                return None
        elif not isinstance(right.form, Constant) or (operator, right.data) in _PRESENCE:
            return None
        return CountCompared(
            noun=noun,
            count=left.data,
            operator=operator,
            other=right.data,
            other_noun=other,
            holds=holds,
            such=such,
            total=isinstance(left.form, Tally),
        )

    def _counted(self, value: Value) -> tuple[str | None, bool]:
        """What a number counts, and whether only those of it that passed a test."""
        match value.form:
            case Length(of=of):
                return self._naming.noun(of), isinstance(of.form, Gathered) and of.form.filtered
            case Tally(of=Value() as of, some=some):
                return self._naming.noun(of), some
            case _:
                return None, False

    def _text_test(self, form: Compared, holds: bool, scope: set[str]) -> TextCompared | None:
        text, other = (
            (form.right, form.left) if form.operator in ("in", "not in") else (form.left, form.right)
        )
        if form.operator not in _TEXT_TESTS or not other.data.strip() or isinstance(text.form, Constant):
            return None
        negative = form.operator in ("!=", "not in")
        if isinstance(text.form, Called) and text.form.tool != "read_text":
            if not isinstance(other.form, Called) or form.operator not in ("==", "!="):
                return None  # a model's own short answer has just been quoted
            both = Quantity(phrase="the two answers")
            return TextCompared(left=both, test="is", other="", holds=holds != negative)
        if holds and not negative and text.data.strip().lower() == other.data.strip().lower():
            return None  # the text has just been quoted
        left = self._speaker.quantity(text, scope)
        if left is None:
            return None
        return TextCompared(
            left=left,
            test=_TEXT_TESTS[form.operator],  # type: ignore[arg-type]
            other=other.data,
            holds=holds != negative,
        )


def _is_number(value: Value) -> bool:
    return isinstance(value.data, int | float) and not isinstance(value.data, bool)


def _margin(left: Value, operator: Operator, right: Value) -> tuple[Value, Operator, Value]:
    """`a > b + 4` as `a - b > 4`, and `a < b - 4` as `b - a > 4`: what is spoken of is the gap."""
    form = right.form
    if isinstance(form, Computed) and form.operation in ("+", "-") and isinstance(measure_of(left), Measured):
        base, margin = form.operands
        if isinstance(margin.form, Constant) and isinstance(measure_of(base), Measured):
            deps = left.deps | right.deps
            if form.operation == "+":
                return Value(left.data - base.data, Computed("-", (left, base)), deps), operator, margin
            return (
                Value(base.data - left.data, Computed("-", (base, left)), deps),
                _MIRRORED[operator],
                margin,
            )
    return left, operator, right
