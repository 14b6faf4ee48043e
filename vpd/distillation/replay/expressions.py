"""Evaluates a program's expressions along its trace; only what is cheap and harmless is computed."""

import ast
from collections.abc import Sequence
from typing import Any, Protocol

from vpd.distillation.replay.calls import TOOLS, Caller
from vpd.distillation.replay.comprehensions import Comprehensions
from vpd.distillation.replay.geometry import measure
from vpd.distillation.replay.machine import Machine, Raised
from vpd.distillation.replay.operators import arithmetic, comparison, unary
from vpd.distillation.replay.values import (
    UNKNOWN,
    Builtin,
    Function,
    Joined,
    Measured,
    Opaque,
    Patch,
    Picked,
    Segment,
    Value,
    Variables,
    deps_of,
    hashable,
    truth,
)


class Evaluator:
    """Evaluates expressions on a machine."""

    def __init__(self, machine: Machine, run: "Run") -> None:
        """
        Args:
            machine: the state of the replay.
            run: calls a function that the program defines.
        """
        self.machine = machine
        self._caller = Caller(self, run)
        self.comprehension = Comprehensions(self)

    def __call__(self, node: ast.expr, variables: Variables) -> Value:
        self.machine.tick()
        match node:
            case ast.Constant(value=value):
                return Value(value)
            case ast.Name(id=name):
                return variables[name] if name in variables else Value(Builtin(name))
            case ast.Attribute(value=of, attr=name):
                return self._attribute(self(of, variables), name)
            case ast.Subscript(value=of, slice=index):
                return self._element(self(of, variables), index, variables)
            case ast.Call():
                return self._caller(node, variables)
            case ast.BinOp(left=left, op=op, right=right):
                return arithmetic(op, self(left, variables), self(right, variables), node)
            case ast.UnaryOp(op=op, operand=operand):
                return unary(op, self(operand, variables))
            case ast.BoolOp():
                return self._joined(node, variables)
            case ast.Compare():
                return self._compared(node, variables)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                held, value = self.test(test, variables)
                return self(body if held else orelse, variables).on(value.deps)
            case ast.Lambda():
                return Value(Function(node, variables))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node, variables)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return self._display(items, variables)
            case ast.Dict(keys=keys, values=values):
                return self._dictionary(keys, values, variables)
            case ast.JoinedStr(values=parts):
                return self._text(parts, variables, node)
            case ast.NamedExpr(target=target, value=value):
                variables[target.id] = self.machine.see("bind", value, self(value, variables), target.id)
                return variables[target.id]
            case _:
                return Value(UNKNOWN, Opaque(ast.unparse(node)))

    def test(self, node: ast.expr, variables: Variables) -> tuple[bool, Value]:
        """A condition that the trace shows, and whether it held."""
        value = self.machine.see("branch", node, self(node, variables))
        return bool(value.data), value

    def elements(self, value: Value) -> list[Value] | None:
        """What going through a value gives; None if that is not known."""
        match value.data:
            case list():
                items: list[Value] = value.data
                return [item.on(value.deps) for item in items]
            case dict():
                return [Value(key, deps=value.deps) for key in value.data]
            case str():
                return [Value(letter, deps=value.deps) for letter in value.data]
            case _:
                return None

    def bind(self, target: ast.expr, value: Value, variables: Variables) -> tuple[Value, ...]:
        """Give names to a value, or to its parts; the values named."""
        match target:
            case ast.Name(id=name):
                variables[name] = value
                return (value,)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                parts = self.elements(value)
                if parts is None or len(parts) != len(targets):
                    parts = [Value(UNKNOWN, Opaque("", (value,)), value.deps) for _ in targets]
                return tuple(
                    named
                    for each, part in zip(targets, parts, strict=True)
                    for named in self.bind(each, part, variables)
                )
            case ast.Subscript(value=of, slice=index):
                container, key = self(of, variables), self(index, variables)
                if isinstance(container.data, dict) and hashable(key.data):
                    container.data[key.data] = value
                elif isinstance(container.data, list) and isinstance(key.data, int):
                    items: list[Value] = container.data
                    if -len(items) <= key.data < len(items):
                        items[key.data] = value
                container.deps |= value.deps
                return (value,)
            case _:
                return (value,)

    def _attribute(self, value: Value, name: str) -> Value:
        match value.data:
            case Patch():
                measured = measure(value.data, name, self.machine.sizes)
                if measured is not None:
                    return Value(measured, Measured(name, value), value.deps)
            case Segment(start, end):
                if name in ("start", "end", "num_frames"):
                    return Value(
                        {"start": start, "end": end, "num_frames": end - start}[name],
                        Opaque(name),
                        value.deps,
                    )
            case _:
                pass
        return Value(Builtin(name, value), deps=value.deps)

    def _element(self, of: Value, index: ast.expr, variables: Variables) -> Value:
        if isinstance(index, ast.Slice):
            return self._slice(of, index, variables)
        key = self(index, variables)
        deps = of.deps | key.deps
        match of.data, key.data:
            case list(), int():
                items: list[Value] = of.data
                if not -len(items) <= key.data < len(items):
                    raise Raised("IndexError")
                item = items[key.data]
                form = Picked(of, key.data) if isinstance(item.data, Patch) else item.form
                return Value(item.data, form, deps | item.deps)
            case dict(), str() | int() | float():
                if key.data not in of.data:
                    raise Raised("KeyError")
                return of.data[key.data].on(deps)
            case str(), int():
                if not -len(of.data) <= key.data < len(of.data):
                    raise Raised("IndexError")
                return Value(of.data[key.data], Opaque("", (of,)), deps)
            case _:
                return Value(UNKNOWN, Opaque("", (of,)), deps)

    def _slice(self, of: Value, node: ast.Slice, variables: Variables) -> Value:
        edges = [
            None if edge is None else self(edge, variables) for edge in (node.lower, node.upper, node.step)
        ]
        deps = of.deps | deps_of([edge for edge in edges if edge is not None])
        bounds = [None if edge is None else edge.data for edge in edges]
        known = all(bound is None or isinstance(bound, int) for bound in bounds) and bounds[2] != 0
        if known and isinstance(of.data, list | str):
            return Value(of.data[slice(*bounds)], Opaque("", (of,)), deps)
        return Value(UNKNOWN, Opaque("", (of,)), deps)

    def _joined(self, node: ast.BoolOp, variables: Variables) -> Value:
        joined = "and" if isinstance(node.op, ast.And) else "or"
        operands: list[Value] = []
        for operand in node.values:
            if operands and truth(operands[-1]) is None and not self._goes_on(operand):
                break
            operands.append(self(operand, variables))
            if truth(operands[-1]) is (joined == "or"):
                break
        last = operands[-1]
        certain = all(operand.known for operand in operands)
        return Value(last.data if certain else UNKNOWN, Joined(joined, tuple(operands)), deps_of(operands))

    def _goes_on(self, operand: ast.expr) -> bool:
        """Whether an operand after one of unknown truth was evaluated, as far as the trace shows it."""
        calls = [
            n for n in ast.walk(operand) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
        ]
        tools = [n for n in calls if isinstance(n.func, ast.Attribute) and n.func.attr in TOOLS]
        if not tools:
            return True
        first = tools[0].func
        return isinstance(first, ast.Attribute) and self.machine.comes("call", tools[0].lineno, first.attr)

    def _compared(self, node: ast.Compare, variables: Variables) -> Value:
        left = self(node.left, variables)
        results: list[Value] = []
        for op, operand in zip(node.ops, node.comparators, strict=True):
            right = self(operand, variables)
            results.append(comparison(op, left, right))
            if results[-1].data is False:
                break
            left = right
        if len(results) == 1:
            return results[0]
        data = UNKNOWN if any(not each.known for each in results) else results[-1].data
        return Value(data, Joined("and", tuple(results)), deps_of(results))

    def _display(self, nodes: Sequence[ast.expr], variables: Variables) -> Value:
        items: list[Value] = []
        for node in nodes:
            if not isinstance(node, ast.Starred):
                items.append(self(node, variables))
                continue
            several = self.elements(self(node.value, variables))
            if several is None:
                return Value(UNKNOWN, Opaque(""), deps_of(items))
            items += several
        return Value(items, deps=deps_of(items))

    def _dictionary(
        self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], variables: Variables
    ) -> Value:
        items: dict[Any, Value] = {}
        for key, value in zip(keys, values, strict=True):
            name = self(key, variables).data if key is not None else UNKNOWN
            item = self(value, variables)
            if not hashable(name):
                return Value(UNKNOWN, Opaque(""), deps_of(list(items.values())) | item.deps)
            items[name] = item
        return Value(items, deps=deps_of(list(items.values())))

    def _text(self, parts: Sequence[ast.expr], variables: Variables, node: ast.expr) -> Value:
        values = [
            self(part.value, variables) if isinstance(part, ast.FormattedValue) else self(part, variables)
            for part in parts
        ]
        plain = all(
            not isinstance(p, ast.FormattedValue) or (p.conversion < 0 and p.format_spec is None)
            for p in parts
        )
        text: Any = UNKNOWN
        if plain and all(isinstance(value.data, str | int | bool) for value in values):
            text = "".join(str(value.data) for value in values)
        return Value(text, Opaque(ast.unparse(node), tuple(values)), deps_of(values))


class Run(Protocol):
    def __call__(self, function: Function, arguments: Sequence[Value], named: dict[str, Value]) -> Value: ...
