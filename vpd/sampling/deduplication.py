"""Programs that differ only in layout, comments, annotations or the names of their variables are one program."""

import ast
import hashlib
from typing import Any


def normal_form(program: str) -> str:
    """A digest that such programs share; a program that cannot be parsed is its own normal form."""
    try:
        tree = ast.parse(program)
        text = ast.dump(_Normaliser(_renamed(tree)).visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = program
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _renamed(tree: ast.Module) -> dict[str, str]:
    """New names for what the program binds itself, in the order in which it does.

    A name that some call uses as a keyword keeps its own: the keyword belongs to the function that is called.
    """
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        name: str | None = None
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        if name is not None and name not in keywords:
            bound.setdefault(name, f"v{len(bound)}")
    return bound


class _Normaliser(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._names.get(node.arg, node.arg))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.body = _without_docstring(node.body)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        self.generic_visit(node)
        if node.value is None:
            return None
        return ast.Assign([node.target], node.value)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(ast.Constant(value=str())), *rest] if rest:
            return rest
        case _:
            return body
