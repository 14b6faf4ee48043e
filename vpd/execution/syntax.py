"""A program's syntax tree, parsed once, with its nodes at hand by kind: the checks need not walk it each for itself."""

import ast
import warnings
from collections import defaultdict
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

N = TypeVar("N", bound=ast.AST)

_REMEMBERED = 64
"""Programs: those of one question at least, which are looked at several times one after the other."""

_NO_NODES = {
    "ctx", "op", "ops", "id", "attr", "arg", "name", "names", "module", "asname", "level", "kind", "type_comment",
    "conversion", "is_async", "simple", "kwd_attrs", "rest", "lineno", "tag", "str",
}  # fmt: skip
"""Fields that hold no nodes, or none that a check looks for: contexts, operators, names."""

_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _NO_NODES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
} | {ast.Constant: (), ast.MatchSingleton: ()}


class Syntax(NamedTuple):
    """A program as the parser reads it. Not to be changed."""

    text: str
    """With `\\n` at the end of each line."""
    tree: ast.Module
    kinds: dict[type[ast.AST], list[ast.AST]]
    """The nodes of each kind in the order of `walk`."""

    def of(self, kind: type[N]) -> list[N]:
        return cast("list[N]", self.kinds.get(kind, []))


@lru_cache(maxsize=_REMEMBERED)
def syntax(program: str) -> Syntax:
    """The syntax of a program; raises what `ast.parse` does."""
    text = unix_lines(program)
    with warnings.catch_warnings():  # of escapes such as "\\d", for the user's terminal
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    kinds: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    for node in walk(tree):
        kinds[type(node)].append(node)
    return Syntax(text, tree, kinds)


def unix_lines(text: str) -> str:
    """The text with `\\n` at the end of each line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def walk(tree: ast.AST) -> list[ast.AST]:
    """The nodes of a tree in the order of `ast.walk`, without contexts, operators and the names of imports."""
    found = [tree]
    for node in found:  # it grows
        for name in _FIELDS[type(node)]:
            value: Any = getattr(node, name)
            if isinstance(value, list):
                found += filter(None, cast("list[ast.AST | None]", value))
            elif value is not None:
                found.append(value)
    return found
