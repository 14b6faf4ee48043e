"""Does a program compare positions the way the question words them: left is a smaller coordinate than right?"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from vpd.execution.syntax import Syntax, walk
from vpd.verification.looks import AXIS_OF_ATTRIBUTE, syntax_of
from vpd.verification.terms import related, terms

_SUPERLATIVES: tuple[tuple[str, str, int], ...] = (
    (r"left-?most|farthest to the left|furthest to the left", "horizontal", -1),
    (r"right-?most|farthest to the right|furthest to the right", "horizontal", 1),
    (r"top-?most|highest|uppermost", "vertical", 1),
    (r"bottom-?most|lowest", "vertical", -1),
    (r"closest|nearest|frontmost", "depth", -1),
    (r"(?:farthest|furthest)(?! to the)|deepest", "depth", 1),
    (r"largest|biggest|tallest|widest", "size", 1),
    (r"smallest|shortest|narrowest", "size", -1),
)
"""Words, axis, and which end of it: -1 for the smallest value (origin bottom left), 1 for the largest."""

_RELATIONS: tuple[tuple[str, str, int], ...] = (
    (r"(?:to the |on the |at the )?left(?: side)?(?: of)?", "horizontal", -1),
    (r"(?:to the |on the |at the )?right(?: side)?(?: of)?", "horizontal", 1),
    (r"above|over|on top of", "vertical", 1),
    (r"below|under|underneath|beneath", "vertical", -1),
    (r"in front of|nearer(?: to the camera)? than|closer to the camera than", "depth", -1),
    (r"behind|farther (?:away )?than|further (?:away )?than", "depth", 1),
)
"""What stands before such words has the smaller (-1) or larger (1) value than what stands after them."""


class _Order(NamedTuple):
    """The program takes `low` to have the smaller value on an axis, or picks an end of it (then both are '')."""

    axis: str
    end: int
    low: str
    high: str


def contradicts_sides(program: str, question: str) -> bool:
    """Whether comparisons of a program contradict something that the question says, and none agrees with it.

    Only what is plain is looked at: one word for an axis in the question, comparisons of one coordinate each.
    """
    said = _said(question)
    if not said:
        return False
    orders = list(_orders(syntax_of(program)))
    verdicts = [{_verdict(order, each) for order in orders} for each in said]
    return any(-1 in each and 1 not in each for each in verdicts)


class _Said(NamedTuple):
    axis: str
    sign: int
    before: str | None
    """What stands before a relation; None for a superlative."""
    after: str | None


@lru_cache(maxsize=4096)
def _said(question: str) -> tuple[_Said, ...]:
    found: list[_Said] = []
    text = question.lower()
    for pattern, axis, sign in _SUPERLATIVES:
        if re.search(rf"\b(?:{pattern})\b", text):
            found.append(_Said(axis, sign, None, None))
    for pattern, axis, sign in _RELATIONS:
        matches = list(re.finditer(rf"\b(?:{pattern})\b", text))
        if len(matches) == 1:
            at = matches[0]
            found.append(_Said(axis, sign, text[: at.start()], text[at.end() :]))
    # `left or right`, `between … and …`: more than one word for an axis says nothing plainly.
    counts = [each.axis for each in found]
    return tuple(each for each in found if counts.count(each.axis) == 1)


def _verdict(order: _Order, said: _Said) -> int:
    """1 where a comparison agrees with what was said, -1 where it contradicts it, 0 where it says nothing of it."""
    if order.axis != said.axis:
        return 0
    if said.before is None or said.after is None:
        return order.end * said.sign
    if not (order.low and order.high):
        return 0
    low_first = _likeness(order.low, said.before) + _likeness(order.high, said.after)
    high_first = _likeness(order.high, said.before) + _likeness(order.low, said.after)
    return 0 if low_first == high_first else -said.sign if low_first > high_first else said.sign


def _likeness(phrase: str, text: str) -> int:
    words = terms(text)
    return sum(any(related(word, other) for other in words) for word in terms(phrase))


def _orders(source: Syntax) -> Iterator[_Order]:
    names = _phrases(source)
    for node in source.of(ast.Compare):
        if len(node.ops) == 1:
            yield from _comparison(node.left, node.ops[0], node.comparators[0], names)
    for node in source.of(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
            for axis in _key_axes(node.keywords):
                yield _Order(axis, -1 if node.func.id == "min" else 1, "", "")
    for node in source.of(ast.Subscript):
        if isinstance(node.value, ast.Call):
            yield from _indexed(node.value, node.slice)


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, names: dict[str, str]) -> Iterator[_Order]:
    axis = _axis(left)
    if axis is None or axis != _axis(right):
        return
    low, high = _phrase(left, names), _phrase(right, names)
    if isinstance(op, ast.Gt | ast.GtE):
        low, high = high, low
    if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        yield _Order(axis, 0, low, high)


def _indexed(call: ast.Call, index: ast.expr) -> Iterator[_Order]:
    """`sorted(xs, key=…)[0]`."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "sorted"):
        return
    match index:
        case ast.Constant(value=0):
            end = -1
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            end = 1
        case _:
            return
    backwards = any(
        k.arg == "reverse" and isinstance(k.value, ast.Constant) and k.value.value for k in call.keywords
    )
    for axis in _key_axes(call.keywords):
        yield _Order(axis, -end if backwards else end, "", "")


def _key_axes(keywords: list[ast.keyword]) -> set[str]:
    """The axis of a sort key that is one coordinate, nothing else."""
    keys = [k.value for k in keywords if k.arg == "key"]
    return {axis for key in keys if isinstance(key, ast.Lambda) and (axis := _axis(key.body))}


def _axis(node: ast.expr) -> str | None:
    match node:
        case ast.Attribute(attr=name):
            return AXIS_OF_ATTRIBUTE.get(name)
        case ast.Call(func=ast.Attribute(attr="compute_depth")):
            return "depth"
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if _axis(left) == _axis(right) == "size":
            return "size"
        case _:
            return None


def _phrase(node: ast.expr, names: dict[str, str]) -> str:
    """What the thing whose coordinate is taken was looked for as."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return names.get(node.id, node.id.replace("_", " ")) if isinstance(node, ast.Name) else ""


def _phrases(source: Syntax) -> dict[str, str]:
    """For each variable, the phrase it was found by, as far as one assignment or loop after the other tells."""
    names: dict[str, str] = {}
    for node in sorted(walk(source.tree), key=_line):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.For(target=ast.Name(id=name), iter=value):
                pass
            case ast.comprehension(target=ast.Name(id=name), iter=value):
                pass
            case _:
                continue
        phrase = _found_by(value, names)
        if phrase:
            names[name] = phrase
    return names


def _line(node: ast.AST) -> int:
    return getattr(node.target if isinstance(node, ast.comprehension) else node, "lineno", 0)


def _found_by(node: ast.expr, names: dict[str, str]) -> str:
    nodes = walk(node)
    for each in nodes:
        match each:
            case ast.Call(
                func=ast.Attribute(attr="find" | "find_text"), args=[ast.Constant(value=str(text)), *_]
            ):
                return text
            case _:
                pass
    used = [each.id for each in nodes if isinstance(each, ast.Name) and each.id in names]
    return names[used[0]] if used else ""
