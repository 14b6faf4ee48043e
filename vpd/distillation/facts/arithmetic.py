"""Arithmetic on counts and on numbers that were read, in words: `five minus one`."""

import re
from collections.abc import Iterator

from vpd.distillation.facts.words import decimal
from vpd.distillation.facts.words import number as in_words
from vpd.distillation.replay.values import Called, Computed, Element, Length, Opaque, Tally, Value

_JOINTS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "//": "divided by", "sum": "plus"}
_MOST_OPERANDS = 6


def as_number(value: Value) -> Value:
    """A number that the program has made into a text, as it was before."""
    if isinstance(value.data, str) and re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?", value.data):
        number = float(value.data) if "." in value.data else int(value.data)
        return Value(number, value.form, value.deps)
    return value


def calculations(value: Value) -> Iterator[tuple[Value, str]]:
    """Each step of a calculation with its words, inner ones first; none where it is not all numbers."""
    words = arithmetic(value)
    if words is not None and isinstance(value.form, Computed):
        for operand in _flat(value.form):
            yield from calculations(operand)
        yield value, words


def arithmetic(value: Value) -> str | None:
    """The words of one calculation, with the values of what goes into it."""
    form = value.form
    if not isinstance(form, Computed) or not _is_number(value):
        return None
    if form.operation == "abs":
        inner = form.operands[0].form
        if not isinstance(inner, Computed) or inner.operation != "-" or not all(map(_counts, inner.operands)):
            return None
        return f"the difference between {' and '.join(map(_said, inner.operands))}"
    operands = _flat(form)
    joint = _JOINTS.get(form.operation)
    if joint is None or not 2 <= len(operands) <= _MOST_OPERANDS or not all(map(_counts, operands)):
        return None
    if not any(_found(operand) for operand in operands):
        return None
    if form.operation == "//" and value.data * operands[1].data != operands[0].data:
        return None
    return f" {joint} ".join(map(_said, operands))


def _flat(form: Computed) -> list[Value]:
    """The terms of a sum of sums."""
    if form.operation != "+":
        return list(form.operands)
    terms: list[Value] = []
    for operand in form.operands:
        inner = operand.form
        if isinstance(inner, Computed) and inner.operation == "+":
            terms += _flat(inner)
        else:
            terms.append(operand)
    return [term for term in terms if term.data != 0 or _found(term)]


def _counts(value: Value) -> bool:
    """Whether a number is a count, one that was read, one that the program names, or made of these."""
    if not _is_number(value):
        return False
    if isinstance(value.form, Computed):
        return all(map(_counts, value.form.operands))
    return _found(value) or not isinstance(value.form, Opaque)


def _found(value: Value) -> bool:
    """Whether a number comes from the image."""
    if isinstance(value.form, Computed):
        return any(map(_found, value.form.operands))
    return isinstance(value.form, Length | Tally | Called | Element)


def _is_number(value: Value) -> bool:
    return isinstance(value.data, int | float) and not isinstance(value.data, bool)


def _said(value: Value) -> str:
    whole = float(value.data).is_integer()
    return in_words(int(value.data)) if whole and value.data >= 0 else decimal(value.data)
