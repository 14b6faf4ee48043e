"""What a number or text of a program measures, in words."""

import math
import re
from collections.abc import Mapping

from vpd.distillation.facts.models import Quantity
from vpd.distillation.facts.naming import Naming, phrase
from vpd.distillation.facts.words import decimal, listed, plural
from vpd.distillation.replay.idioms import measure_of
from vpd.distillation.replay.values import (
    Called,
    Computed,
    Constant,
    Form,
    Length,
    Measured,
    Tally,
    Value,
)

PARTS = {
    "left": "left edge", "right": "right edge", "lower": "bottom edge", "upper": "top edge",
    "horizontal_center": "centre", "vertical_center": "centre",
}  # fmt: skip
_SIZES = {"width": "width", "height": "height", "area": "area", "depth": "depth", "confidence": "certainty"}
_ACROSS = frozenset({"left", "right", "horizontal_center"})
_UPRIGHT = frozenset({"lower", "upper", "vertical_center"})
_PIXELS = frozenset(PARTS) | {"width", "height"}
_VAGUE = frozenset("result value val tmp temp num number ret out res ans answer score total count".split())


class Speaker:
    """Puts the numbers of one replay into words."""

    def __init__(self, naming: Naming, variables: Mapping[int, str]) -> None:
        """
        Args:
            naming: what regions are called.
            variables: the name that each computed form was bound to, by its `id`.
        """
        self._naming = naming
        self._variables = variables

    def quantity(self, value: Value, scope: set[str]) -> Quantity | None:
        """The words and the number; None where it cannot be said what the number is."""
        if isinstance(value.data, bool) or not isinstance(value.data, int | float | str):
            return None
        if isinstance(value.data, float) and not math.isfinite(value.data):
            return None
        form = measure_of(value)
        if isinstance(form, Constant):
            return Quantity(phrase="", value=value.data)
        if isinstance(value.data, str):
            return self._text(value, scope)
        share = self._share(form, scope)
        if share is not None:
            return Quantity(phrase=share, value=value.data * 100, unit="percent")
        words = self._words(form, value, scope)
        if words is None or len(words) > 140:
            words = self._variable(value)
        if words is None:
            return None
        return Quantity(phrase=words, value=value.data, unit="pixels" if _is_pixels(form) else "")

    def part(self, form: Measured, scope: set[str]) -> str | None:
        """`the left edge of the cat`."""
        thing = self._naming.thing(form.of)
        if thing is None:
            return None
        what = PARTS.get(form.what) or _SIZES.get(form.what)
        return f"the {what} of {phrase(thing, scope)}" if what else None

    def _variable(self, value: Value) -> str | None:
        """The name of the variable that holds it, where that is a word."""
        name = self._variables.get(id(value.form), "")
        words = name.split("_")
        telling = all(re.fullmatch(r"[a-z]{3,}", word) for word in words) and name not in _VAGUE
        return f"the {' '.join(words)}" if telling else None

    def _text(self, value: Value, scope: set[str]) -> Quantity | None:
        form = value.form
        if isinstance(form, Measured) and form.what == "category":
            return Quantity(phrase="the text", value=value.data)
        if isinstance(form, Called) and form.tool != "read_text":
            return Quantity(phrase="the answer", value=value.data)
        return Quantity(phrase="the text", value=value.data)

    def _words(self, form: Form, value: Value, scope: set[str]) -> str | None:
        match form:
            case Measured():
                return self.part(form, scope)
            case Length(of=of):
                noun = self._naming.noun(of)
                return f"the number of {plural(noun)}" if noun else None
            case Tally(of=of):
                noun = self._naming.noun(of) if of is not None else None
                return f"the number of such {plural(noun)}" if noun else None
            case Computed(operation=operation, operands=operands):
                return self._computed(operation, operands, value, scope)
            case Constant():
                return decimal(value.data)
            case _:
                return None

    def _operand(self, value: Value, scope: set[str]) -> str | None:
        if not isinstance(value.data, int | float) or isinstance(value.data, bool):
            return None
        return self._words(measure_of(value), value, scope)

    def _computed(self, operation: str, operands: tuple[Value, ...], value: Value, scope: set[str]) -> str | None:
        match operation, operands:
            case "distance", [a, b]:
                things = [self._naming.thing(each) for each in (a, b)]
                if things[0] is not None and things[1] is not None:
                    return f"the distance between {phrase(things[0], scope)} and {phrase(things[1], scope)}"
                spoken = [self._operand(each, scope) for each in (a, b)]
                return f"the gap between {spoken[0]} and {spoken[1]}" if all(spoken) else None
            case "abs", [inner]:
                form = measure_of(inner)
                if isinstance(form, Computed) and form.operation == "-":
                    return self._gap(form.operands, scope)
                words = self._operand(inner, scope)
                return f"the size of {words}" if words else None
            case "-", [_, _]:
                return self._difference(operands, value, scope)
            case ("min" | "max"), _ if 2 <= len(operands) <= 4:
                spoken = [self._operand(each, scope) for each in operands if not _is_zero(each)]
                if len(spoken) == 1:
                    return spoken[0]
                if not all(spoken):
                    return None
                which = {"min": ("the smaller of", "the smallest of"), "max": ("the larger of", "the largest of")}
                return f"{which[operation][len(spoken) > 2]} {listed([each for each in spoken if each])}"
            case ("+" | "*" | "/" | "//" | "%"), [left, right]:
                spoken = [self._operand(left, scope), self._operand(right, scope)]
                if not all(spoken):
                    return None
                joint = {"+": "plus", "*": "times", "/": "divided by", "//": "divided by", "%": "modulo"}[operation]
                return f"{spoken[0]} {joint} {spoken[1]}"
            case ("floor" | "ceil" | "round" | "negative" | "sqrt"), [inner]:
                words = self._operand(inner, scope)
                return f"the negative of {words}" if operation == "negative" and words else words
            case "sum", _:
                return "the sum"
            case _:
                return None

    def _gap(self, operands: tuple[Value, ...], scope: set[str]) -> str | None:
        spoken = [self._operand(each, scope) for each in operands]
        if not all(spoken):
            return None
        forms = [measure_of(each) for each in operands]
        if all(isinstance(form, Measured) and form.what in PARTS for form in forms):
            return f"the gap between {spoken[0]} and {spoken[1]}"
        return f"the difference between {spoken[0]} and {spoken[1]}"

    def _difference(self, operands: tuple[Value, ...], value: Value, scope: set[str]) -> str | None:
        overlap = self._overlap(operands, scope)
        if overlap is not None:
            return overlap
        if isinstance(value.data, int | float) and value.data >= 0:
            return self._gap(operands, scope)
        spoken = [self._operand(each, scope) for each in operands]
        return f"{spoken[0]} minus {spoken[1]}" if all(spoken) else None

    def _overlap(self, operands: tuple[Value, ...], scope: set[str]) -> str | None:
        """`min(a.right, b.right) - max(a.left, b.left)`."""
        ends: list[tuple[str, set[str], list[Value]]] = []
        for operand in operands:
            form = operand.form
            if not isinstance(form, Computed) or len(form.operands) != 2:
                return None
            inner = [measure_of(each) for each in form.operands]
            if not all(isinstance(each, Measured) for each in inner):
                return None
            measured = [each for each in inner if isinstance(each, Measured)]
            ends.append((form.operation, {each.what for each in measured}, [each.of for each in measured]))
        (first, what, things), (second, other, same) = ends
        if {thing.data for thing in things} != {thing.data for thing in same}:
            return None
        names = [self._naming.thing(thing) for thing in things]
        if None in names or (first, second) not in (("min", "max"), ("max", "min")):
            return None
        pair = " and ".join(phrase(name, scope) for name in names if name is not None)
        for axis, (low, high) in {"horizontal": ("left", "right"), "vertical": ("lower", "upper")}.items():
            if (first, what, other) == ("min", {high}, {low}):
                return f"the {axis} overlap of {pair}"
            if (first, what, other) == ("max", {low}, {high}):
                return f"the {axis} gap between {pair}"
        return None

    def _share(self, form: Form, scope: set[str]) -> str | None:
        """`the gap between … as a share of the height of the box`."""
        if not isinstance(form, Computed) or form.operation != "/":
            return None
        top, bottom = form.operands
        of = measure_of(bottom)
        if not isinstance(of, Measured) or of.what not in ("width", "height", "area"):
            return None
        whole = self._operand(bottom, scope)
        parts = self._operand(top, scope)
        return f"{parts}, as a share of {whole}," if whole and parts else None


def _is_zero(value: Value) -> bool:
    return isinstance(value.form, Constant) and value.data == 0


def _is_pixels(form: Form) -> bool:
    match form:
        case Measured(what=what):
            return what in _PIXELS
        case Computed(operation="distance" | "abs" | "-" | "min" | "max" | "+", operands=operands):
            inner = [measure_of(each) for each in operands if not _is_zero(each)]
            return bool(inner) and all(
                _is_pixels(each) if not isinstance(each, Constant) else False for each in inner if not isinstance(each, Constant)
            ) and any(not isinstance(each, Constant) for each in inner)
        case _:
            return False
