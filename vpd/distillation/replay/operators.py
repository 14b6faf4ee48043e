"""Operators on replayed values: arithmetic within bounds, comparisons, negation."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from vpd.distillation.replay.machine import Raised
from vpd.distillation.replay.values import (
    UNKNOWN,
    Compared,
    Computed,
    Constant,
    Negated,
    Opaque,
    Value,
    truth,
)

_ARITHMETIC: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
}
"""`**` is left out: what it makes may not fit into memory."""

_COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Is: ("==", operator.eq),
    ast.IsNot: ("!=", operator.ne),
    ast.In: ("in", lambda a, b: a in b),
    ast.NotIn: ("not in", lambda a, b: a not in b),
}
_MAX_TEXT = 20_000


def arithmetic(op: ast.operator, left: Value, right: Value, node: ast.expr) -> Value:
    deps = left.deps | right.deps
    name, compute = _ARITHMETIC.get(type(op), ("", None))
    if compute is None:
        return Value(UNKNOWN, Opaque(ast.unparse(node), (left, right)), deps)
    form = Computed(name, (left, right))
    match left.data, right.data:
        case ((int() | float()), (int() | float())):
            try:
                return Value(_bounded(compute(left.data, right.data)), form, deps)
            except ZeroDivisionError:
                raise Raised("ZeroDivisionError") from None
            except OverflowError:
                raise Raised("OverflowError") from None
        case (str(), str()) if name == "+" and len(left.data) + len(right.data) <= _MAX_TEXT:
            return Value(left.data + right.data, Opaque("", (left, right)), deps)
        case (list(), list()) if name == "+":
            return Value([*left.data, *right.data], Opaque("+", (left, right)), deps)
        case _:
            return Value(UNKNOWN, Opaque(ast.unparse(node), (left, right)), deps)


def unary(op: ast.unaryop, value: Value) -> Value:
    if isinstance(op, ast.Not):
        held = truth(value)
        return Value(UNKNOWN if held is None else not held, Negated(value), value.deps)
    if isinstance(op, ast.USub) and isinstance(value.data, int | float):
        form = value.form if isinstance(value.form, Constant) else Computed("negative", (value,))
        return Value(-value.data, form, value.deps)
    return Value(UNKNOWN, Opaque("", (value,)), value.deps)


def comparison(op: ast.cmpop, left: Value, right: Value) -> Value:
    name, compare = _COMPARISONS[type(op)]
    form = Compared(name, left, right)
    deps = left.deps | right.deps
    if not (left.known and right.known):
        return Value(UNKNOWN, form, deps)
    try:
        return Value(bool(compare(plain(left), plain(right))), form, deps)
    except TypeError:
        raise Raised("TypeError") from None


def plain(value: Value) -> Any:
    """A value's data without where it came from."""
    if isinstance(value.data, list):
        items: list[Value] = value.data
        return [plain(item) for item in items]
    if isinstance(value.data, dict):
        return {key: plain(item) for key, item in value.data.items()}
    return value.data


def _bounded(number: Any) -> Any:
    if isinstance(number, int) and number.bit_length() > 512:
        return UNKNOWN
    if isinstance(number, float) and not math.isfinite(number):
        return UNKNOWN
    return number
