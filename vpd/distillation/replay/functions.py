"""Functions of the language, and those of the program API that reach no tool."""

import ast
import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from vpd.distillation.replay.geometry import distance
from vpd.distillation.replay.machine import Raised
from vpd.distillation.replay.operators import plain
from vpd.distillation.replay.values import (
    UNKNOWN,
    Computed,
    Constant,
    Form,
    Gathered,
    Length,
    Opaque,
    Ordered,
    Patch,
    Picked,
    Quantified,
    Tally,
    Value,
    deps_of,
    truth,
)

if TYPE_CHECKING:
    from vpd.distillation.replay.calls import Caller

_MAX_RANGE = 2_000

_ONE_NUMBER: dict[str, Callable[[float], Any]] = {
    "abs": abs, "round": round, "int": int, "float": float, "floor": math.floor, "ceil": math.ceil,
    "sqrt": math.sqrt,
}  # fmt: skip


def call(
    caller: "Caller", name: str, arguments: Sequence[Value], named: dict[str, Value], node: ast.expr
) -> Value:
    """A call of a function of the language, of `math`, or of the program API."""
    deps = deps_of([*arguments, *named.values()])
    match name, arguments:
        case "len", [of]:
            known = isinstance(of.data, list | str | dict)
            return Value(len(of.data) if known else UNKNOWN, Length(of), deps)
        case (("any" | "all"), [of]):
            return quantify("any" if name == "any" else "all", of)
        case (("min" | "max"), [_, *_]):
            return _extreme(caller, "min" if name == "min" else "max", arguments, named, node)
        case "sorted", [of]:
            return ordered(caller, of, named, node)
        case "sum", [of]:
            return _sum(of, deps)
        case "distance", [a, b]:
            return _distance(a, b, deps)
        case "bool_to_yesno", [of]:
            held = truth(of)
            return Value(UNKNOWN if held is None else "yes" if held else "no", of.form, deps)
        case (("str" | "bool" | "coerce_to_numeric"), [of]):
            return Value(_converted(name, of), of.form, deps)
        case (("round" | "int" | "float"), [of, *_]):
            return Value(_rounded(name, arguments), of.form, deps)
        case (("abs" | "floor" | "ceil" | "sqrt"), [of]):
            return Value(_number(name, of), Computed(name, (of,)), deps)
        case "hypot", [a, b]:
            known = isinstance(a.data, int | float) and isinstance(b.data, int | float)
            return Value(math.hypot(a.data, b.data) if known else UNKNOWN, Computed("hypot", (a, b)), deps)
        case _:
            return _container(caller, name, arguments, named, node, deps)


def _container(
    caller: "Caller",
    name: str,
    arguments: Sequence[Value],
    named: dict[str, Value],
    node: ast.expr,
    deps: frozenset[int],
) -> Value:
    several = [caller.elements(each) for each in arguments]
    match name, several:
        case (("list" | "tuple" | "set" | "iter"), [list(items)]):
            if name == "set":
                return Value(_unique(items), Opaque("set", tuple(arguments)), deps)
            return Value(list(items), arguments[0].form, deps)
        case (("list" | "set" | "tuple"), []):
            return Value([])
        case "dict", []:
            return Value({})
        case "reversed", [list(items)]:
            return Value(items[::-1], Opaque("reversed", tuple(arguments)), deps)
        case "enumerate", [list(items), *_]:
            start = named.get("start", arguments[1] if len(arguments) > 1 else Value(0)).data
            if not isinstance(start, int):
                return Value(UNKNOWN, Opaque(name, tuple(arguments)), deps)
            pairs = [Value([Value(start + i), item], deps=item.deps) for i, item in enumerate(items)]
            return Value(pairs, arguments[0].form, deps)
        case "zip", [_, *_] if all(each is not None for each in several):
            rows = zip(*(each for each in several if each is not None), strict=False)
            pairs = [Value(list(row), deps=deps_of(row)) for row in rows]
            return Value(pairs, Opaque("zip", tuple(arguments)), deps)
        case "range", _:
            return _range(arguments, deps)
        case (("map" | "filter"), [_, list(items)]):
            results = [caller.apply(arguments[0], [item], node) for item in items]
            if name == "map":
                return Value(results, Gathered(arguments[1], False), deps | deps_of(results))
            if any(truth(result) is None for result in results):
                return Value(UNKNOWN, Gathered(arguments[1], True), deps | deps_of(results))
            kept = [item for item, result in zip(items, results, strict=True) if truth(result)]
            return Value(kept, Gathered(arguments[1], True), deps | deps_of(results))
        case _:
            return Value(UNKNOWN, Opaque(ast.unparse(node), (*arguments, *named.values())), deps)


def quantify(quantifier: Literal["any", "all"], of: Value) -> Value:
    """`any` or `all` of a list."""
    data: Any = UNKNOWN
    if isinstance(of.data, list):
        truths = [truth(item) for item in of.data]
        if (quantifier == "any") in truths:
            data = quantifier == "any"
        elif None not in truths:
            data = quantifier == "all"
    return Value(data, Quantified(quantifier, of), of.deps)


def ordered(caller: "Caller", of: Value, named: dict[str, Value], node: ast.expr) -> Value:
    """`sorted(of, key=…, reverse=…)`."""
    items = caller.elements(of)
    descending = truth(named["reverse"]) if "reverse" in named else False
    form: Form = Ordered(of, None, bool(descending))
    if items is None:
        return Value(UNKNOWN, form, of.deps)
    key = named.get("key")
    keys = [caller.apply(key, [item], node) for item in items] if key and key.data is not None else None
    deps = of.deps | deps_of(keys or items)
    places = _sorted_places(keys or items, bool(descending))
    if places is None:
        return Value(UNKNOWN, form, deps)
    form = Ordered(of, tuple(keys[place] for place in places) if keys else None, bool(descending))
    return Value([items[place] for place in places], form, deps)


def _sorted_places(keys: Sequence[Value], descending: bool) -> list[int] | None:
    data = [plain(key) for key in keys]
    try:
        return sorted(range(len(keys)), key=lambda place: data[place], reverse=descending)
    except TypeError:
        return None


def _extreme(
    caller: "Caller",
    which: Literal["min", "max"],
    arguments: Sequence[Value],
    named: dict[str, Value],
    node: ast.expr,
) -> Value:
    deps = deps_of([*arguments, *named.values()])
    source = arguments[0] if len(arguments) == 1 else Value(list(arguments), deps=deps)
    items = caller.elements(source)
    if items is None:
        return Value(UNKNOWN, Computed(which, tuple(arguments)), deps)
    if not items:
        if "default" in named:
            return named["default"].on(deps)
        raise Raised("ValueError")
    key = named.get("key")
    has_key = key is not None and key.data is not None
    keys = [caller.apply(key, [item], node) for item in items] if key is not None and has_key else items
    deps |= deps_of(keys)
    places = _sorted_places(keys, descending=False)
    if places is None:
        return Value(UNKNOWN, Computed(which, tuple(items)), deps)
    # The first of equals, as in Python.
    place = (
        places[0]
        if which == "min"
        else next(p for p in range(len(keys)) if _equal(keys[p], keys[places[-1]]))
    )
    item = items[place]
    if has_key:
        return Value(item.data, Picked(source, place, keys[place], which), deps | item.deps)
    return Value(item.data, Computed(which, tuple(items)), deps)


def _equal(a: Value, b: Value) -> bool:
    return plain(a) == plain(b)


def _sum(of: Value, deps: frozenset[int]) -> Value:
    data: Any = UNKNOWN
    items: list[Value] = of.data if isinstance(of.data, list) else []
    if isinstance(of.data, list) and all(isinstance(item.data, int | float) for item in items):
        data = sum(item.data for item in items)
    lengths = [item.form for item in items if isinstance(item.form, Length)]
    if items and len(lengths) == len(items):
        counted = Value(UNKNOWN, Opaque("+", tuple(length.of for length in lengths)))
        return Value(data, Tally("", counted, False), deps)
    if all(
        isinstance(item.data, bool) or (isinstance(item.form, Constant) and item.data == 1) for item in items
    ):
        some = (
            not items
            or isinstance(items[0].data, bool)
            or (isinstance(of.form, Gathered) and of.form.filtered)
        )
        counted_list = of.form.source if isinstance(of.form, Gathered) and of.form.source else of
        return Value(data, Tally("", counted_list, some), deps)
    return Value(data, Computed("sum", tuple(items)), deps)


def _distance(a: Value, b: Value, deps: frozenset[int]) -> Value:
    data: Any = UNKNOWN
    if isinstance(a.data, Patch) and isinstance(b.data, Patch):
        data = distance(a.data, b.data) if a.data.image == b.data.image else UNKNOWN
    elif isinstance(a.data, int | float) and isinstance(b.data, int | float):
        data = abs(a.data - b.data)
    return Value(data, Computed("distance", (a, b)), deps)


def _converted(name: str, of: Value) -> Any:
    match name, of.data:
        case "str", str() | bool() | int():
            return str(of.data)
        case "bool", _:
            held = truth(of)
            return UNKNOWN if held is None else held
        case "coerce_to_numeric", bool() | int() | float():
            return float(of.data)
        case "coerce_to_numeric", str() if re.fullmatch(r"\s*-?\d{1,15}(\.\d{1,15})?\s*", of.data):
            return float(of.data)
        case _:
            return UNKNOWN


def _rounded(name: str, arguments: Sequence[Value]) -> Any:
    first = arguments[0].data
    if isinstance(first, str) and name in ("int", "float"):
        if name == "float" and first.strip() in ("inf", "-inf"):
            return float(first)
        if not re.fullmatch(
            r"\s*-?\d{1,15}\s*" if name == "int" else r"\s*-?\d{1,15}(\.\d{1,15})?\s*", first
        ):
            return UNKNOWN
        return int(first) if name == "int" else float(first)
    if not isinstance(first, int | float) or len(arguments) > 2:
        return UNKNOWN
    if len(arguments) == 2:
        digits = arguments[1].data
        return round(first, digits) if name == "round" and isinstance(digits, int) else UNKNOWN
    return _ONE_NUMBER[name](first)


def _number(name: str, of: Value) -> Any:
    if not isinstance(of.data, int | float) or (name == "sqrt" and of.data < 0):
        return UNKNOWN
    return _ONE_NUMBER[name](of.data)


def _range(arguments: Sequence[Value], deps: frozenset[int]) -> Value:
    bounds = [argument.data for argument in arguments]
    if not 1 <= len(bounds) <= 3 or not all(isinstance(bound, int) for bound in bounds) or bounds[2:] == [0]:
        return Value(UNKNOWN, Opaque("range", tuple(arguments)), deps)
    numbers = range(*bounds)
    if len(numbers) > _MAX_RANGE:
        return Value(UNKNOWN, Opaque("range", tuple(arguments)), deps)
    return Value([Value(number, deps=deps) for number in numbers], Opaque("range", tuple(arguments)), deps)


def _unique(items: Sequence[Value]) -> list[Value]:
    kept: list[Value] = []
    for item in items:
        if not any(_equal(item, other) for other in kept):
            kept.append(item)
    return kept
