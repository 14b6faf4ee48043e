"""What a statement might have changed, or where it might have gone: the static half of the slice."""

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

from vpd.distillation.replay.methods import MUTATING


@lru_cache(maxsize=4096)
def changed_names(node: ast.stmt) -> frozenset[str]:
    """Variables that a statement may bind, or whose value it may change in place."""
    return frozenset(_changed(node))


def _changed(statement: ast.stmt) -> Iterator[str]:
    for node in walk([statement]):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in MUTATING:
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name
            case _:
                pass


def jumps(body: Sequence[ast.stmt]) -> bool:
    """Whether statements may leave the pass of a loop, or the loop."""
    return any(isinstance(node, ast.Break | ast.Continue) for node in walk(body))


def exits(body: Sequence[ast.stmt]) -> "list[ast.Return]":
    """The returns among statements."""
    return [node for node in walk(body) if isinstance(node, ast.Return)]


def raises(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Raise) for node in walk(body))


def common_answer(returns: "Sequence[ast.Return]") -> str | None:
    """What all of the returns return, if that is one and the same constant."""
    answers = {_constant(each.value) for each in returns}
    return answers.pop() if len(answers) == 1 else None


def _constant(node: ast.expr | None) -> str | None:
    match node:
        case ast.Constant(value=value):
            return "yes" if value is True else "no" if value is False else str(value)
        case ast.Call(func=ast.Name(id="bool_to_yesno"), args=[ast.Constant(value=bool(value))]):
            return "yes" if value else "no"
        case _:
            return None


def walk(statements: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """All nodes but those inside of functions that are defined, not run."""
    stack = list(statements)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            stack.extend(ast.iter_child_nodes(node))
