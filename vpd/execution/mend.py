"""Rewrites what the sandbox's interpreter cannot do while a tool is awaited, or cannot do at all.

`xs.sort(key=…)` sorts in the prelude. A generator expression becomes an iterator over a list; that of `any`, `all` and
`next` is left as soon as they know. A method of a builtin object that is handed over as a function becomes a lambda.
What the program catches is shown to the host, since it may be the interpreter's own refusal.
"""

import ast
import warnings

from vpd.execution.edits import Edits
from vpd.execution.syntax import Syntax

_CAUGHT = "_vpd_exception"
_LEAVES_EARLY = {"any": "_vpd_when_true", "all": "_vpd_when_false", "next": "_vpd_at_once"}
_TYPES = (str, list, dict, set, tuple)
_METHODS = frozenset(name for kind in _TYPES for name in dir(kind) if not name.startswith("_"))


def mended(source: Syntax) -> str:
    """The text of a program with nothing else changed."""
    generators, handlers = source.of(ast.GeneratorExp), source.of(ast.ExceptHandler)
    calls = list(filter(_may_mend, source.of(ast.Call)))
    if not (generators or handlers or calls):
        return source.text
    edits = Edits(source.text.encode())
    mender = Mender(edits)
    if source.of(ast.AnnAssign) or not all(_is_name(each.value) for each in source.of(ast.FormattedValue)):
        mender.visit(source.tree)
    else:
        # The same, without a walk over all the rest. Calls come first: they tell which generators are left early.
        for call in calls:
            mender.mend_call(call)
        for generator in generators:
            mender.mend_generator(generator)
        for handler in handlers:
            mender.mend_handler(handler)
    return edits.apply()[0]


def _may_mend(call: ast.Call) -> bool:
    return bool(call.keywords) or (
        isinstance(call.func, ast.Name)
        and (call.func.id in ("map", "filter") or call.func.id in _LEAVES_EARLY)
    )


def _is_name(node: ast.expr) -> bool:
    """Whether there is nothing to mend in a part of an f-string."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name | ast.Constant)


class Mender(ast.NodeVisitor):
    """Visits a program's syntax tree and edits its text."""

    def __init__(self, edits: Edits) -> None:
        self._edits = edits
        self._cells = 0
        self._early: dict[ast.GeneratorExp, str] = {}

    def visit_Call(self, node: ast.Call) -> None:
        self.mend_call(node)
        self.generic_visit(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self.mend_generator(node)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.mend_handler(node)
        self.generic_visit(node)

    def mend_call(self, node: ast.Call) -> None:
        match node.func:
            case ast.Attribute(value=receiver, attr="sort") if node.keywords:
                self._edits.around(receiver, "_vpd_sortable", "")
            case ast.Name(id="any" | "all" | "next" as name) if node.args:
                if isinstance(node.args[0], ast.GeneratorExp):
                    self._early[node.args[0]] = _LEAVES_EARLY[name]
            case ast.Name(id="map" | "filter") if node.args:
                self._function(node.args[0])
            case _:
                pass
        for keyword in node.keywords:
            if keyword.arg == "key":
                self._function(keyword.value)

    def _function(self, node: ast.expr) -> None:
        """`d.get` → `(lambda *a: d.get(*a))`, `str.lower` → `(lambda o, *a: o.lower(*a))`."""
        match node:
            case ast.Attribute(value=ast.Name(id=kind), attr=name) if kind in {
                each.__name__ for each in _TYPES
            }:
                start, end = self._edits.span(node)
                self._edits.replace(start, end, f"(lambda _vpd_o, *_vpd_a: _vpd_o.{name}(*_vpd_a))")
            case ast.Attribute(attr=name) if name in _METHODS:
                self._edits.around(node, "(lambda *_vpd_a: ", "(*_vpd_a))")
            case _:
                pass

    def mend_generator(self, node: ast.GeneratorExp) -> None:
        self._edits.wrap(*self._edits.span(node), "_vpd_iter([", "])")
        if node in self._early:
            self._cells += 1
            cell = f"_vpd_cell{self._cells}"
            self._edits.around(node.elt, f"{self._early[node]}({cell}, ", f") for {cell} in [_vpd_Cell()]")
            for generator in node.generators:
                self._edits.around(generator.iter, f"_vpd_Until({cell}, ", ")")

    def mend_handler(self, node: ast.ExceptHandler) -> None:
        if node.type is None:
            start, _ = self._edits.span(node)
            self._edits.replace(start, start + len("except"), f"except BaseException as {_CAUGHT}")
        elif node.name is None:
            colon = self._edits.find(b":", self._edits.span(node.type)[1])
            self._edits.after(colon, f" as {_CAUGHT}")
        self._edits.open_body(node.body, f"_vpd_caught({node.name or _CAUGHT})")

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        if can_edit(node, self._edits):
            self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)


def can_edit(part: ast.FormattedValue, edits: Edits) -> bool:
    """Whether an expression inside an f-string can be edited: the parser tells rightly where it is.

    Before Python 3.12 it does not always; and `f"{x = }"` prints its own source.
    """
    _, end = edits.span(part.value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.parse(edits.text(part.value), mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return ast.dump(found) == ast.dump(part.value) and not edits.follows(b"=", end)
