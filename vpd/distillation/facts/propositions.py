"""From a true or false value of a program to the statements that it is made of."""

from collections.abc import Iterator

from vpd.distillation.facts.models import (
    CountCompared,
    Fact,
    MeasureCompared,
    Operator,
    Quantity,
    Related,
    Thing,
    TextCompared,
)
from vpd.distillation.facts.naming import Naming
from vpd.distillation.facts.quantities import Speaker
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

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPERATORS: dict[str, Operator] = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_PRESENCE = frozenset({("==", 0), ("!=", 0), (">", 0), ("<=", 0), (">=", 1), ("<", 1)})
"""Comparisons that only ask whether there is one: the count itself has been stated."""


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
                held = truth(value)
                if isinstance(value.data, str):  # through bool_to_yesno
                    held = value.data == "yes"
                if held is not None:
                    fact = self._compared(form, held, scope)
                    if fact is not None:
                        yield form, fact
            case _:
                pass

    def _compared(self, form: Compared, holds: bool, scope: set[str]) -> Fact | None:
        if form.operator == "overlaps":
            return self._related(form.left, form.right, "overlaps", holds)
        if form.operator in ("startswith", "endswith", "in", "not in"):
            return self._text_test(form, holds, scope)
        if form.operator not in _OPERATORS:
            return None
        if isinstance(form.left.form, Constant) and not isinstance(form.right.form, Constant):
            form = Compared(_MIRRORED[form.operator], form.right, form.left)
        operator = _OPERATORS[form.operator]
        left, right = form.left, form.right
        if isinstance(left.data, str) or isinstance(right.data, str):
            return self._text_test(form, holds, scope)
        if isinstance(left.form, Length | Tally):
            return self._count(left, operator, right, holds)
        return self._measures(left, operator, right, holds, scope)

    def _related(self, a: Value, b: Value, direction: str, holds: bool) -> Related | None:
        things = self._naming.thing(a), self._naming.thing(b)
        if things[0] is None or things[1] is None:
            return None
        return Related(a=things[0], b=things[1], direction=direction, holds=holds)  # type: ignore[arg-type]

    def _measures(
        self, left: Value, operator: Operator, right: Value, holds: bool, scope: set[str]
    ) -> Fact | None:
        a, b = measure_of(left), measure_of(right)
        if isinstance(a, Measured) and isinstance(b, Measured) and a.of.data != b.of.data:
            related = relation(a, operator, b, (left.data, right.data), holds)
            things = self._naming.thing(a.of), self._naming.thing(b.of)
            if related is not None and things[0] is not None and things[1] is not None:
                return Related(a=things[0], b=things[1], **related._asdict())
        if isinstance(a, Computed) and a.operation == "distance" and right.data == 0 and operator in ("<", "<="):
            touching = self._related(*a.operands, "touches", holds)
            if touching is not None:
                return touching
        quantities = self._speaker.quantity(left, scope), self._speaker.quantity(right, scope)
        if quantities[0] is None or quantities[1] is None or not quantities[0].phrase:
            return None
        first, second = quantities
        if first.unit == "percent" and not second.phrase and isinstance(second.value, int | float):
            second = Quantity(phrase="", value=second.value * 100, unit="percent")
        elif not second.phrase:
            second = second.model_copy(update={"unit": first.unit})
        return MeasureCompared(left=first, operator=operator, right=second, holds=holds)

    def _count(self, left: Value, operator: Operator, right: Value, holds: bool) -> CountCompared | None:
        of = left.form.of if isinstance(left.form, Length | Tally) else None
        noun = self._naming.noun(of) if of is not None else None
        if noun is None or not isinstance(left.data, int) or not isinstance(right.data, int | float):
            return None
        such = isinstance(left.form, Tally) or (of is not None and isinstance(of.form, Gathered) and of.form.filtered)
        if isinstance(right.form, Constant):
            if (operator, right.data) in _PRESENCE:
                return None
            return CountCompared(noun=noun, count=left.data, operator=operator, other=right.data, holds=holds, such=such)
        other = right.form.of if isinstance(right.form, Length | Tally) else None
        other_noun = self._naming.noun(other) if other is not None else None
        if other_noun is None:
            return None
        return CountCompared(
            noun=noun, count=left.data, operator=operator, other=right.data, other_noun=other_noun, holds=holds, such=such
        )

    def _text_test(self, form: Compared, holds: bool, scope: set[str]) -> TextCompared | None:
        text, other = (form.right, form.left) if form.operator in ("in", "not in") else (form.left, form.right)
        if not isinstance(text.data, str) or not isinstance(other.data, str) or not other.data.strip():
            return None
        if isinstance(text.form, Called | Constant) and text.form != Called("read_text", getattr(text.form, "step", -1)):
            return None  # a model's own short answer has just been quoted
        left = self._speaker.quantity(text, scope)
        if left is None or not left.phrase:
            return None
        tests = {"==": "is", "!=": "is", "in": "contains", "not in": "contains", "startswith": "starts", "endswith": "ends"}
        negative = form.operator in ("!=", "not in")
        return TextCompared(left=left, test=tests[form.operator], other=other.data, holds=holds != negative)  # type: ignore[arg-type]
