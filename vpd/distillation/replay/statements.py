"""Replays a program's statements along its trace."""

import ast
from collections import ChainMap
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from vpd.distillation.replay.dependence import changed_names, common_answer, exits, jumps, raises
from vpd.distillation.replay.expressions import Evaluator
from vpd.distillation.replay.machine import Frame, Machine, OutOfStep, Raised
from vpd.distillation.replay.operators import arithmetic
from vpd.distillation.replay.values import (
    NOTHING,
    UNKNOWN,
    Builtin,
    Computed,
    Constant,
    Function,
    Gathered,
    Length,
    Opaque,
    Tally,
    Value,
    Variables,
)

_MAX_DEPTH = 60
_MAX_PASSES = 2_000

_Guards = list[tuple[frozenset[int], str | None]]
"""Conditions under which a function would have returned earlier, each with what it would have returned."""


class _Return(Exception):
    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class Interpreter:
    """Replays statements on a machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.evaluate = Evaluator(machine, self.call)
        self._guards: _Guards = []
        self._skipped: frozenset[int] = NOTHING
        """Conditions of the present loop that may have skipped the rest of one of its passes."""
        self._depth = 0

    def call(
        self, function: Function, arguments: Sequence[Value], named: dict[str, Value], entry: bool = False
    ) -> Value:
        """Call a function of the program. The trace shows its parameters, unless it is the entry point."""
        variables: Variables = ChainMap({}, function.variables)
        self._pass_arguments(function, arguments, named, variables)
        node = function.node
        if isinstance(node, ast.Lambda):
            return self.evaluate(node.body, variables)
        if not entry:
            for parameter in _parameters(node.args):
                value = self.machine.see_name(parameter.arg, parameter.lineno, variables[parameter.arg])
                variables[parameter.arg] = value
        if self._depth >= _MAX_DEPTH:
            raise OutOfStep("functions of the program call each other too deeply")
        before = self._guards, self._skipped, self.machine.control
        self._guards, self._skipped = [], NOTHING
        self._depth += 1
        try:
            self.block(node.body, variables)
            returned = Value(None, deps=deps_of_guards(self._guards, None))
        except _Return as end:
            returned = end.value
        finally:
            self._guards, self._skipped, self.machine.control = before
            self._depth -= 1
        return returned

    def _pass_arguments(
        self, function: Function, arguments: Sequence[Value], named: dict[str, Value], variables: Variables
    ) -> None:
        signature = function.node.args
        positional = [*signature.posonlyargs, *signature.args]
        given = dict(zip((each.arg for each in positional), arguments, strict=False)) | named
        defaults = dict(
            zip(
                [p.arg for p in positional][len(positional) - len(signature.defaults) :],
                signature.defaults,
                strict=True,
            )
        )
        defaults |= {
            p.arg: d
            for p, d in zip(signature.kwonlyargs, signature.kw_defaults, strict=True)
            if d is not None
        }
        for parameter in (*positional, *signature.kwonlyargs):
            if parameter.arg in given:
                variables[parameter.arg] = given[parameter.arg]
            elif parameter.arg in defaults:
                variables[parameter.arg] = self.evaluate(defaults[parameter.arg], function.variables)
            else:
                raise Raised("TypeError")
        if signature.vararg:
            variables[signature.vararg.arg] = Value(list(arguments[len(positional) :]))
        if signature.kwarg:
            variables[signature.kwarg.arg] = Value(UNKNOWN, Opaque(""))

    def block(self, statements: Sequence[ast.stmt], variables: Variables) -> None:
        for statement in statements:
            self.statement(statement, variables)

    def statement(self, node: ast.stmt, variables: Variables) -> None:
        self.machine.tick()
        match node:
            case ast.Assign(targets=targets, value=value):
                self._assign(targets, value, variables)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._bind(target, self._shown(value, self.evaluate(value, variables), target), variables)
            case ast.AugAssign():
                self._augment(node, variables)
            case ast.Expr(value=value):
                self.evaluate(value, variables)
            case ast.If():
                self._if(node, variables)
            case ast.For():
                self._for(node, variables)
            case ast.While():
                self._while(node, variables)
            case ast.Return(value=value):
                self._return(node, value, variables)
            case ast.FunctionDef(name=name):
                variables[name] = Value(Function(node, variables))
            case ast.Break():
                raise _Break
            case ast.Continue():
                raise _Continue
            case ast.Try():
                self._try(node, variables)
            case ast.Raise(exc=raised):
                raise Raised(_exception_name(raised))
            case ast.Assert(test=test):
                self.evaluate(test, variables)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                _import(names, variables)
            case ast.Pass() | ast.Global() | ast.Nonlocal():
                pass
            case _:
                raise OutOfStep(f"a {type(node).__name__} statement is not replayed")

    def _assign(self, targets: Sequence[ast.expr], node: ast.expr, variables: Variables) -> None:
        value = self.evaluate(node, variables)
        single = (ast.Name, ast.Attribute, ast.Subscript)
        for target in reversed(targets):  # the innermost mark is that of the last target
            if isinstance(target, single):
                value = self._shown(node, value, target)
        for target in targets:
            self._bind(target, value, variables)
        for target in targets:
            if not isinstance(target, single):
                self._show_names(target, node, variables)

    def _shown(self, node: ast.expr, value: Value, target: ast.expr) -> Value:
        return self.machine.see("bind", node, value, ast.unparse(target))

    def _bind(self, target: ast.expr, value: Value, variables: Variables) -> None:
        self.evaluate.bind(target, value.on(self.machine.control), variables)

    def _show_names(self, target: ast.expr, node: ast.expr, variables: Variables) -> None:
        for name in _stored(target):
            variables[name] = self.machine.see("bind", node, variables[name], name)

    def _augment(self, node: ast.AugAssign, variables: Variables) -> None:
        before = self.evaluate(_loaded(node.target), variables)
        added = self.evaluate(node.value, variables)
        name = ast.unparse(node.target)
        value = arithmetic(node.op, before, added, node.value)
        counting = isinstance(value.form, Computed) and value.form.operation == "+"
        if counting and isinstance(before.form, Constant | Tally) and _counts(added):
            value = Value(value.data, self._tally(name, before, added), value.deps)
        if self.machine.comes("bind", node.lineno, name):
            value = self.machine.see("bind", node.value, value, name)
        self._bind(node.target, value, variables)

    def _tally(self, name: str, before: Value, added: Value) -> Tally:
        if isinstance(added.form, Length | Tally):
            of, some = added.form.of, isinstance(added.form, Tally) and added.form.some
            if of is not None and isinstance(of.form, Gathered):
                some = some or of.form.filtered
            if of is not None and isinstance(before.form, Tally) and before.form.of is not None:
                of = Value(UNKNOWN, Opaque("+", (before.form.of, of)))
            return Tally(name, of, some)
        frames = self.machine.frames
        return Tally(name, frames[-1].source if frames else None, some=True)

    def _if(self, node: ast.If, variables: Variables) -> None:
        held, test = self.evaluate.test(node.test, variables)
        arms = (*node.body, *node.orelse)
        before = self.machine.control
        self.machine.control = before | test.deps
        try:
            self.block(node.body if held else node.orelse, variables)
        finally:
            self.machine.control = before
            self._depend(arms, test.deps, variables)
            if jumps(arms):
                self._skipped |= test.deps
        skipped = node.orelse if held else node.body
        if exits(skipped) or raises(skipped):
            self._guards.append((test.deps, common_answer(exits(skipped)) if not raises(skipped) else None))

    def _depend(self, statements: Sequence[ast.stmt], deps: frozenset[int], variables: Variables) -> None:
        """What the statements might have changed stands on what decided whether they ran."""
        for statement in statements:
            for name in changed_names(statement):
                if name in variables:
                    variables[name] = variables[name].on(deps)

    @contextmanager
    def _loop(self, body: Sequence[ast.stmt], deps: frozenset[int], variables: Variables) -> Generator[None]:
        before, self._skipped = self._skipped, NOTHING
        try:
            yield
        finally:
            deps |= self._skipped
            self._depend(body, deps, variables)
            self._skipped = before
        if exits(body):
            self._guards.append((deps, common_answer(exits(body))))

    def _for(self, node: ast.For, variables: Variables) -> None:
        source = self.evaluate(node.iter, variables)
        items = self.evaluate.elements(source)
        with self._loop(node.body, source.deps, variables):
            for index in range(_MAX_PASSES):
                if items is None:
                    if not self._another_pass(node):
                        break
                    item = Value(UNKNOWN, Opaque("", (source,)), source.deps)
                elif index < len(items):
                    item = items[index]
                else:
                    break
                self.evaluate.bind(node.target, item, variables)
                for name in _stored(node.target):
                    variables[name] = self.machine.see_name(name, node.iter.lineno, variables[name])
                shown = tuple(variables[name] for name in _stored(node.target))
                try:
                    with self.machine.within(Frame(node, index, shown, source)):
                        self.block(node.body, variables)
                except _Continue:
                    continue
                except _Break:
                    return
            self.block(node.orelse, variables)

    def _another_pass(self, node: ast.For) -> bool:
        names = _stored(node.target)
        return bool(names) and self.machine.comes("bind", node.iter.lineno, names[0])

    def _while(self, node: ast.While, variables: Variables) -> None:
        deps = NOTHING
        with self._loop(node.body, deps, variables):
            for index in range(_MAX_PASSES):
                held, test = self.evaluate.test(node.test, variables)
                deps |= test.deps
                if not held:
                    self.block(node.orelse, variables)
                    break
                try:
                    with self.machine.within(Frame(node, index, (), Value(UNKNOWN))):
                        self.block(node.body, variables)
                except _Continue:
                    continue
                except _Break:
                    break
        self._depend(node.body, deps, variables)

    def _return(self, node: ast.Return, value: ast.expr | None, variables: Variables) -> None:
        if value is None:
            self.machine.take("return", node.lineno)
            returned = Value(None)
        else:
            returned = self.machine.see("return", value, self.evaluate(value, variables))
        guards = deps_of_guards(self._guards, common_answer([node]))
        raise _Return(returned.on(self.machine.control | guards))

    def _try(self, node: ast.Try, variables: Variables) -> None:
        try:
            try:
                self.block(node.body, variables)
            except Raised as raised:
                handler = next((h for h in node.handlers if _catches(h, str(raised))), None)
                if handler is None:
                    raise
                if handler.name:
                    variables[handler.name] = Value(UNKNOWN, Opaque("the error"))
                self.block(handler.body, variables)
            else:
                self.block(node.orelse, variables)
        finally:
            self.block(node.finalbody, variables)


def deps_of_guards(guards: _Guards, answer: str | None) -> frozenset[int]:
    """Steps of the guards that, had they held, would have given another answer."""
    return NOTHING.union(*(deps for deps, instead in guards if instead is None or instead != answer))


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    extra = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]
    return [each for each in named if each.arg not in ("self", "cls")]


def _stored(target: ast.expr) -> list[str]:
    return [
        node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _loaded(target: ast.expr) -> ast.expr:
    """The target of `x += 1`, to be read."""
    return ast.parse(ast.unparse(target), mode="eval").body


def _counts(added: Value) -> bool:
    """Whether a term of a sum is a count: 1, a truth, a length, or another tally."""
    if isinstance(added.data, bool) or isinstance(added.form, Length | Tally):
        return True
    return isinstance(added.form, Constant) and added.data == 1


def _exception_name(node: ast.expr | None) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name):
            return name
        case _:
            return "Exception"


def _catches(handler: ast.ExceptHandler, raised: str) -> bool:
    if handler.type is None:
        return True
    names = [node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)]
    parents = {"IndexError": "LookupError", "KeyError": "LookupError", "ZeroDivisionError": "ArithmeticError"}
    return bool({raised, parents.get(raised, raised), "Exception", "BaseException"} & set(names))


def _import(names: Sequence[ast.alias], variables: Variables) -> None:
    for alias in names:
        variables[alias.asname or alias.name] = Value(Builtin(alias.name))
