"""Methods of texts, lists and dicts."""

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from vpd.distillation.replay import functions
from vpd.distillation.replay.machine import Raised
from vpd.distillation.replay.values import (
    UNKNOWN,
    Builtin,
    Compared,
    Constant,
    Element,
    Gathered,
    Opaque,
    Picked,
    Value,
    deps_of,
)

if TYPE_CHECKING:
    from vpd.distillation.replay.calls import Caller

_MAX_TEXT = 20_000

_TEXT: dict[str, Callable[..., Any]] = {
    "lower": str.lower, "upper": str.upper, "strip": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip,
    "title": str.title, "capitalize": str.capitalize, "casefold": str.casefold, "split": str.split,
    "rsplit": str.rsplit, "splitlines": str.splitlines, "isdigit": str.isdigit, "isalpha": str.isalpha,
    "isnumeric": str.isnumeric, "isupper": str.isupper, "islower": str.islower, "find": str.find,
    "count": str.count, "partition": str.partition, "rpartition": str.rpartition,
    "removeprefix": str.removeprefix, "removesuffix": str.removesuffix,
}  # fmt: skip
"""Methods whose result is not larger than what they are given."""

SAME_WORDS = frozenset({
    "lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold",
})  # fmt: skip
"""Those that leave the words as they are: their result is spoken of as the text itself."""

MUTATING = frozenset({
    "append", "extend", "insert", "sort", "reverse", "pop", "remove", "clear", "add", "update", "discard",
    "setdefault",
})  # fmt: skip


def call(
    caller: "Caller",
    name: str,
    receiver: Value,
    arguments: Sequence[Value],
    named: dict[str, Value],
    node: ast.expr,
) -> Value:
    """A call of a method."""
    given = [receiver, *arguments, *named.values()]
    deps = deps_of(given)
    match receiver.data:
        case str():
            return _text(caller, name, receiver, arguments, deps)
        case list():
            return _list(caller, name, receiver, arguments, named, node, deps)
        case dict():
            return _dict(name, receiver, arguments, deps)
        case Builtin("math"):
            return functions.call(caller, name, arguments, named, node)
        case _:
            if name in MUTATING:
                receiver.deps |= deps | caller.control
            return Value(UNKNOWN, Opaque(ast.unparse(node), tuple(given)), deps)


def _text(
    caller: "Caller", name: str, receiver: Value, arguments: Sequence[Value], deps: frozenset[int]
) -> Value:
    text: str = receiver.data
    plain = [argument.data for argument in arguments]
    match name, plain:
        case (("startswith" | "endswith"), [str(other)]):
            held = text.startswith(other) if name == "startswith" else text.endswith(other)
            return Value(held, Compared(name, receiver, arguments[0]), deps)
        case "join", [list(items)]:
            parts = [item.data for item in items]
            size = sum(len(part) if isinstance(part, str) else 0 for part in parts)
            known = all(isinstance(part, str) for part in parts) and size + len(text) * len(parts) < _MAX_TEXT
            return Value(text.join(parts) if known else UNKNOWN, Opaque("join", tuple(arguments)), deps)
        case "replace", [str(old), str(new)] if old and len(text) * max(1, len(new)) < _MAX_TEXT:
            return Value(text.replace(old, new), Opaque("replace", (receiver,)), deps)
        case _ if name in _TEXT and all(isinstance(each, str | int | None) for each in plain):
            try:
                result = _TEXT[name](text, *plain)
            except (TypeError, ValueError):
                raise Raised("ValueError") from None
            form = receiver.form if name in SAME_WORDS else Opaque(name, (receiver,))
            if isinstance(result, list | tuple):
                whole = Value([], form, deps)
                whole.data = [Value(each, Element(whole), deps) for each in result]
                return whole
            return Value(result, form, deps)
        case _:
            return Value(UNKNOWN, Opaque(name, (receiver, *arguments)), deps)


def _list(
    caller: "Caller",
    name: str,
    receiver: Value,
    arguments: Sequence[Value],
    named: dict[str, Value],
    node: ast.expr,
    deps: frozenset[int],
) -> Value:
    items: list[Value] = receiver.data
    if name in MUTATING:
        receiver.deps |= deps | caller.control
    match name, arguments:
        case (("append" | "add"), [item]):
            if name == "append" or not any(other.data == item.data for other in items):
                items.append(item.on(caller.control))
            if isinstance(receiver.form, Constant | Gathered):
                before = receiver.form.source if isinstance(receiver.form, Gathered) else None
                source = merged(before, caller.source)
                receiver.form = Gathered(source, any(item.data == i.data for i in caller.passing))
        case (("extend" | "update"), [more]):
            several = caller.elements(more)
            before = Value(list(items), receiver.form, receiver.deps)
            if several is None:
                receiver.data = UNKNOWN
            else:
                items.extend(several)
            receiver.form = more.form if not before.data else Opaque("+", (before, more))
        case "sort", []:
            before = Value(list(items), receiver.form, receiver.deps)
            result = functions.ordered(caller, before, named, node)
            if result.known:
                items[:] = result.data
            else:
                receiver.data = UNKNOWN
            receiver.form = result.form
            receiver.deps |= result.deps
        case "reverse", []:
            items.reverse()
            receiver.form = Opaque("reversed", ())
        case "pop", [] | [Value(data=int())]:
            place = arguments[0].data if arguments else -1
            if not -len(items) <= place < len(items):
                raise Raised("IndexError")
            before = Value(list(items), receiver.form, receiver.deps)
            item = items.pop(place)
            return Value(item.data, Picked(before, place), deps | item.deps)
        case (("insert"), [Value(data=int(place)), item]):
            items.insert(place, item)
        case (("index" | "count" | "remove"), [item]):
            if name == "index":
                caller.pick(node, item)
            return _searched(name, items, item, deps)
        case "copy", []:
            return Value(list(items), receiver.form, deps)
        case "clear", []:
            items.clear()
        case _:
            return Value(UNKNOWN, Opaque(name, (receiver, *arguments)), deps)
    return Value(None)


def merged(before: Value | None, source: Value | None) -> Value | None:
    """What has been gone through, where that was several things."""
    if before is None or source is None or before is source or before.form == source.form:
        return source
    return Value(UNKNOWN, Opaque("+", (before, source)))


def _searched(name: str, items: list[Value], item: Value, deps: frozenset[int]) -> Value:
    places = [i for i, other in enumerate(items) if other.data == item.data]
    if name == "count":
        return Value(len(places), Opaque("count"), deps)
    if not places:
        raise Raised("ValueError")
    if name == "index":
        return Value(places[0], Opaque("index", (item,)), deps)
    del items[places[0]]
    return Value(None)


def _dict(name: str, receiver: Value, arguments: Sequence[Value], deps: frozenset[int]) -> Value:
    items: dict[Any, Value] = receiver.data
    if name in MUTATING:
        receiver.deps |= deps
    match name, arguments:
        case "get", [Value(data=str() | int() as key), *default]:
            if key in items:
                return items[key].on(deps)
            return default[0].on(deps) if default else Value(None, deps=deps)
        case "keys", []:
            return Value([Value(key, deps=deps) for key in items], deps=deps)
        case "values", []:
            return Value(list(items.values()), deps=deps)
        case "items", []:
            return Value(
                [Value([Value(key), value], deps=value.deps) for key, value in items.items()], deps=deps
            )
        case _:
            return Value(UNKNOWN, Opaque(name, (receiver, *arguments)), deps)
