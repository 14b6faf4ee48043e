"""What a number or text of a program measures, in words."""

import math
import re
from collections.abc import Mapping
from typing import Literal

from vpd.distillation.facts.arithmetic import arithmetic
from vpd.distillation.facts.models import Quantity
from vpd.distillation.facts.naming import Naming, phrase
from vpd.distillation.facts.words import decimal, listed, plural
from vpd.distillation.replay.idioms import measure_of
from vpd.distillation.replay.values import Called, Computed, Constant, Form, Length, Measured, Tally, Value

PARTS = {
    "left": "left edge", "right": "right edge", "lower": "bottom edge", "upper": "top edge",
    "horizontal_center": "centre", "vertical_center": "centre",
}  # fmt: skip
_SIZES = {"width": "width", "height": "height", "area": "area", "depth": "depth", "confidence": "certainty"}
_AXES: dict[str, Literal["across", "upright"]] = {
    "left": "across", "right": "across", "horizontal_center": "across",
    "lower": "upright", "upper": "upright", "vertical_center": "upright",
}  # fmt: skip
_FURTHEST: dict[tuple[str | None, str], str] = {
    ("across", "min"): "leftmost", ("across", "max"): "rightmost", ("upright", "min"): "lowest",
    ("upright", "max"): "highest", (None, "min"): "smallest", (None, "max"): "largest",
}  # fmt: skip
_FRACTIONS = {0.5: "half", 0.25: "a quarter of", 0.75: "three quarters of", 2: "twice"}
_PARTS_OF = {2: "half", 3: "a third of", 4: "a quarter of", 5: "a fifth of", 10: "a tenth of"}
_VAGUE = frozenset({
    "result", "value", "val", "tmp", "temp", "num", "number", "ret", "out", "res", "ans", "answer", "score",
    "total", "count",
})  # fmt: skip
_MOST_CHARS = 160


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
            spoken = isinstance(form, Called) and form.tool != "read_text"
            return Quantity(phrase="the answer" if spoken else "the text", value=value.data)
        share = self._share(form, scope)
        if share is not None:
            return Quantity(phrase=share, value=value.data * 100, unit="percent")
        words = self._words(form, value, scope)
        if words is None or len(words) > _MOST_CHARS:
            words = self._variable(value) or arithmetic(value)
        if words is None:
            return None
        edge, between = self._same_edges(form, scope)
        unit = "pixels" if _is_length(form) else ""
        return Quantity(phrase=words, value=value.data, unit=unit, edge=edge, between=between)

    def axis(self, value: Value) -> Literal["across", "upright"] | None:
        """The axis along which a number is a place; None where it is none."""
        form = measure_of(value)
        match form:
            case Measured(what=what):
                return _AXES.get(what)
            case Computed(operation="min" | "max", operands=operands):
                axes: list[Literal["across", "upright"] | None] = [self.axis(operand) for operand in operands]
                return axes[0] if len(set(axes)) == 1 else None
            case _:
                return None

    def _variable(self, value: Value) -> str | None:
        """The name of the variable that holds it, where that is a word."""
        name = self._variables.get(id(value.form), "")
        words = name.split("_")
        telling = all(re.fullmatch(r"[a-z]{3,}", word) for word in words) and name not in _VAGUE
        return f"the {' '.join(words)}" if telling else None

    def _words(self, form: Form, value: Value, scope: set[str]) -> str | None:
        match form:
            case Measured(what=what, of=of):
                thing = self._naming.thing(of)
                name = PARTS.get(what) or _SIZES.get(what)
                return f"the {name} of {phrase(thing, scope)}" if thing and name else None
            case Length(of=of):
                noun = self._naming.noun(of)
                return f"the number of {plural(noun)}" if noun else None
            case Tally(of=of, some=some):
                noun = self._naming.noun(of) if of is not None else None
                return f"the number of {'such ' if some else ''}{plural(noun)}" if noun else None
            case Computed(operation=operation, operands=operands) if _measures_something(form):
                return self._computed(operation, operands, value, scope)
            case Constant():
                return decimal(value.data)
            case _:
                return None

    def _operand(self, value: Value, scope: set[str]) -> str | None:
        if not isinstance(value.data, int | float) or isinstance(value.data, bool):
            return None
        return self._words(measure_of(value), value, scope)

    def _operands(self, operands: tuple[Value, ...], scope: set[str]) -> list[str] | None:
        spoken = [self._operand(operand, scope) for operand in operands]
        known = [words for words in spoken if words is not None]
        return known if len(known) == len(spoken) else None

    def _computed(
        self, operation: str, operands: tuple[Value, ...], value: Value, scope: set[str]
    ) -> str | None:
        match operation, operands:
            case "distance", [a, b]:
                things = self._naming.thing(a), self._naming.thing(b)
                if things[0] is not None and things[1] is not None:
                    return f"the distance between {phrase(things[0], scope)} and {phrase(things[1], scope)}"
                return self._gap(operands, scope)
            case "abs", [inner]:
                form = measure_of(inner)
                if isinstance(form, Computed) and form.operation == "-":
                    return self._gap(form.operands, scope)
                return self._operand(inner, scope) if inner.data >= 0 else None
            case "-", [_, _]:
                return self._difference(operands, value, scope)
            case (("min" | "max"), _):
                return self._extreme(operation, operands, scope)
            case "*", [Value(form=Constant(), data=factor), other] | [
                other,
                Value(form=Constant(), data=factor),
            ]:
                words = self._operand(other, scope)
                times = _FRACTIONS.get(factor) or (
                    f"{decimal(100 * factor)} percent of" if factor < 1 else f"{decimal(factor)} times"
                )
                return f"{times} {words}" if words else None
            case (("+" | "*" | "/" | "//"), [_, _]):
                spoken = self._operands(operands, scope)
                part = _PARTS_OF.get(operands[1].data) if operation in ("/", "//") else None
                if spoken and part is not None and isinstance(operands[1].form, Constant):
                    return f"{part} {spoken[0]}"
                joint = {"+": "plus", "*": "times", "/": "divided by", "//": "divided by"}[operation]
                return f" {joint} ".join(spoken) if spoken else None
            case (("floor" | "ceil" | "sqrt"), [inner]):
                words = self._operand(inner, scope)
                return f"the square root of {words}" if operation == "sqrt" and words else words
            case _:
                return None

    def _extreme(self, which: str, operands: tuple[Value, ...], scope: set[str]) -> str | None:
        operands = tuple(operand for operand in operands if not _is_zero(operand))
        spoken = self._operands(operands, scope)
        if not spoken:
            return None
        if len(spoken) == 1:
            return spoken[0]
        measured = [form for operand in operands if isinstance(form := measure_of(operand), Measured)]
        kinds = {form.what for form in measured}
        things = [thing for form in measured if (thing := self._naming.thing(form.of)) is not None]
        nouns = {thing.noun for thing in things}
        if len(things) == len(operands) and len(kinds) == 1:
            what = kinds.pop()
            adjective = _FURTHEST[_AXES.get(what), which]
            name = PARTS.get(what) or _SIZES.get(what, what)
            if len(nouns) > 1 or len(things) == 2:
                return (
                    f"the {adjective} of the {plural(name)} of {listed([phrase(t, scope) for t in things])}"
                )
            return f"the {adjective} {name} of the {plural(nouns.pop())}"
        if len(things) == len(operands) == 2 and things[0] == things[1]:
            names = [PARTS.get(form.what) or _SIZES.get(form.what, form.what) for form in measured]
            comparative = "smaller" if which == "min" else "larger"
            return f"the {comparative} of the {' and the '.join(names)} of {phrase(things[0], scope)}"
        edges = [self._same_edges(measure_of(operand), scope) for operand in operands]
        if all(edge for edge, _ in edges) and len({frozenset(between) for _, between in edges}) == 1:
            size = "smallest" if which == "min" else "largest"
            return f"the {size} gap between the edges of {listed(edges[0][1])}"
        if len(spoken) > 4:
            return None
        ends = ("smaller", "smallest") if which == "min" else ("larger", "largest")
        return f"the {ends[len(spoken) > 2]} of {listed(spoken)}"

    def _gap(self, operands: tuple[Value, ...], scope: set[str]) -> str | None:
        spoken = self._operands(operands, scope)
        if not spoken:
            return None
        edge, between = self._same_edges(Computed("-", operands), scope)
        if edge == "centre":
            axis = {"across": "horizontal", "upright": "vertical"}[self.axis(operands[0]) or "across"]
            return f"the {axis} gap between the centres of {listed(between)}"
        if edge:
            return f"the gap between the {plural(edge)} of {listed(between)}"
        places = all(self.axis(operand) is not None for operand in operands)
        return f"the {'gap' if places else 'difference'} between {' and '.join(spoken)}"

    def _same_edges(self, form: Form, scope: set[str]) -> tuple[str, tuple[str, ...]]:
        """For the gap between the same edges of two regions: the edge, and what the regions are called."""
        while isinstance(form, Computed) and form.operation == "abs":
            form = measure_of(form.operands[0])
        if not isinstance(form, Computed) or form.operation not in ("-", "distance"):
            return "", ()
        measured = [each for operand in form.operands if isinstance(each := measure_of(operand), Measured)]
        things = [thing for each in measured if (thing := self._naming.thing(each.of)) is not None]
        if len(things) != 2 or len({each.what for each in measured}) != 1 or measured[0].what not in PARTS:
            return "", ()
        return PARTS[measured[0].what], tuple(phrase(thing, scope) for thing in things)

    def _difference(self, operands: tuple[Value, ...], value: Value, scope: set[str]) -> str | None:
        overlap = self._overlap(operands, scope)
        if overlap is not None:
            return overlap
        if value.data >= 0:
            return self._gap(operands, scope)
        spoken = self._operands(operands, scope)
        return " minus ".join(spoken) if spoken else None

    def _overlap(self, operands: tuple[Value, ...], scope: set[str]) -> str | None:
        """`min(a.right, b.right) - max(a.left, b.left)`."""
        ends: list[tuple[str, str, frozenset[object]]] = []
        names: list[str] = []
        for operand in operands:
            form = operand.form
            measured = [measure_of(each) for each in form.operands] if isinstance(form, Computed) else []
            inner = [each for each in measured if isinstance(each, Measured)]
            if (
                not isinstance(form, Computed)
                or len(inner) != 2
                or len(measured) != 2
                or inner[0].what != inner[1].what
            ):
                return None
            ends.append((form.operation, inner[0].what, frozenset(each.of.data for each in inner)))
            names = [
                phrase(thing, scope) for each in inner if (thing := self._naming.thing(each.of)) is not None
            ]
        (first, high, things), (second, low, same) = ends
        axis = {("right", "left"): "horizontal", ("upper", "lower"): "vertical"}.get((high, low))
        if (first, second) != ("min", "max") or axis is None or things != same or len(names) != 2:
            return None
        return f"the {axis} overlap of {listed(names)}"

    def _share(self, form: Form, scope: set[str]) -> str | None:
        """`the gap between …, as a share of the height of the box,`."""
        if not isinstance(form, Computed) or form.operation != "/":
            return None
        top, bottom = form.operands
        of = measure_of(bottom)
        if not isinstance(of, Measured) or of.what not in ("width", "height", "area"):
            return None
        whole, part = self._operand(bottom, scope), self._operand(top, scope)
        return f"{part}, as a share of {whole}," if whole and part else None


def _is_zero(value: Value) -> bool:
    return isinstance(value.form, Constant) and value.data == 0


def _measures_something(form: Form) -> bool:
    """Whether there is more to a number than the positions that a program counts through."""
    if isinstance(form, Computed):
        return form.operation == "distance" or any(
            _measures_something(operand.form) for operand in form.operands
        )
    return isinstance(form, Measured)


def _is_length(form: Form) -> bool:
    """Whether a number is a length in pixels."""
    match form:
        case Measured(what=what):
            return what in PARTS or what in ("width", "height")
        case Computed(operation="distance"):
            return True
        case Computed(operation="abs" | "-" | "min" | "max" | "+", operands=operands):
            forms = [measure_of(operand) for operand in operands]
            measured = [each for each in forms if not isinstance(each, Constant)]
            return bool(measured) and all(_is_length(each) for each in measured)
        case Computed(operation="/" | "//", operands=[side, Value(form=Constant())]):
            return _is_length(measure_of(side))
        case Computed(operation="*", operands=operands):
            forms = [measure_of(operand) for operand in operands]
            return any(isinstance(each, Constant) for each in forms) and any(
                _is_length(each) for each in forms if not isinstance(each, Constant)
            )
        case _:
            return False
