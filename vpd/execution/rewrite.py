"""A program as the sandbox runs it: the same lines, with call sites, values and branches made visible.

Expressions are wrapped in calls of the prelude (`programs/prelude_runtime.py`): `x = p.find(y)` becomes
`x = _vpd_see(0, (p.find(_vpd_at(1, (y)))))`, where 0 and 1 are sites. The text is untrusted: it is parsed and edited
here, never run.
"""

import ast
from typing import Literal, NamedTuple

from vpd.execution.edits import Edits
from vpd.execution.mend import Mender, can_edit
from vpd.execution.protocol import PARAMETERS

_API_FUNCTIONS = frozenset({"best_image_match", "llm_query"})
_CALLS_ITS_ARGUMENT = frozenset({"map", "filter", "sorted", "min", "max"})
_ONLY_READS = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Constant,
    ast.UnaryOp,
    ast.USub,
    ast.expr_context,
)

Kind = Literal["call", "bind", "branch", "return"]


class Site(NamedTuple):
    """A place in the program that the trace can point at."""

    kind: Kind
    line: int
    expression: str
    name: str | None = None


class Rewritten(NamedTuple):
    source: str
    sites: tuple[Site, ...]
    lines: tuple[int, ...]
    """For each line of `source`, from 1, the line of the program it came from."""

    def line(self, rewritten: int) -> int:
        """The program's line that a line of `source` came from."""
        return self.lines[min(rewritten, len(self.lines) - 1)]


def rewrite(program: str, tree: ast.Module, entry: str) -> Rewritten:
    """Instrument a program whose syntax tree is `tree`; the parameters of function `entry` are not traced."""
    edits = Edits(program.encode())
    instrumenter = _Instrumenter(edits, entry, _variables(tree))
    instrumenter.visit(tree)
    Mender(edits).visit(tree)
    source, lines = edits.apply()
    return Rewritten(source, tuple(instrumenter.sites), lines)


class _Instrumenter(ast.NodeVisitor):
    def __init__(self, edits: Edits, entry: str, variables: frozenset[str]) -> None:
        # Site 0 is where calls come from that no other site is known for.
        self.sites = [Site("call", 1, entry)]
        self._edits = edits
        self._entry = entry
        self._variables = variables

    def _site(self, kind: Kind, node: ast.expr | ast.stmt, name: str | None = None) -> int:
        self.sites.append(Site(kind, node.lineno, self._edits.text(node), name))
        return len(self.sites) - 1

    def _see(self, kind: Kind, node: ast.expr, name: str | None = None) -> None:
        """Record the value of an expression."""
        self._edits.around(node, f"_vpd_see({self._site(kind, node, name)}, ", ")")

    def _see_names(self, target: ast.expr, value: ast.expr) -> str:
        """Statements that record what the names in a target are bound to."""
        names = [node.id for node in ast.walk(target) if isinstance(node, ast.Name) and _is_store(node)]
        return "; ".join(f"_vpd_see({self._site('bind', value, name)}, {name})" for name in names)

    # Values that are bound --------------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in reversed(node.targets):  # the innermost is recorded first
            if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                self._see("bind", node.value, ast.unparse(target))
            elif statements := self._see_names(target, node.value):
                self._edits.after(self._edits.span(node)[1], f"; {statements}")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._see("bind", node.value, ast.unparse(node.target))
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        # The target is read again: that must do nothing else.
        if all(isinstance(part, _ONLY_READS) for part in ast.walk(node.target)):
            name = ast.unparse(node.target)
            site = self._site("bind", node, name)
            self._edits.after(self._edits.span(node)[1], f"; _vpd_see({site}, {name})")
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._see("bind", node.value, node.target.id)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        if statements := self._see_names(node.target, node.iter):
            self._edits.open_body(node.body, statements)
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            if item.optional_vars and (statements := self._see_names(item.optional_vars, item.context_expr)):
                self._edits.open_body(node.body, statements)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if not (node.name == self._entry and node.col_offset == 0):
            names = [each for each in _parameters(node.args) if each.arg not in ("self", "cls")]
            for name in names:
                self.sites.append(Site("bind", name.lineno, name.arg, name.arg))
            seen = zip(range(len(self.sites) - len(names), len(self.sites)), names, strict=True)
            if statements := "; ".join(f"_vpd_see({site}, {name.arg})" for site, name in seen):
                self._edits.open_body(node.body, statements)
        for child in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *node.body):
            if child is not None:
                self.visit(child)

    # Values that are branched on or returned --------------------------------------------------------------

    def visit_If(self, node: ast.If | ast.While | ast.IfExp) -> None:
        if not isinstance(node.test, ast.Constant):
            self._see("branch", node.test)
        self.generic_visit(node)

    visit_While = visit_If
    visit_IfExp = visit_If

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._see("branch", condition)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.sites.append(Site("return", node.lineno, "None"))
            self._edits.after(self._edits.span(node)[1], f" _vpd_see({len(self.sites) - 1}, None)")
        else:
            self._see("return", node.value)
        self.generic_visit(node)

    # Calls ------------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        if self._may_reach_a_tool(node):
            # What is evaluated last before the call is tagged, so that calls among its arguments do not leave
            # their tags behind.
            last = node.keywords[-1].value if node.keywords else node.args[-1] if node.args else node.func
            if isinstance(last, ast.Starred) or (last is node.func and isinstance(last, ast.Attribute)):
                last = last.value
            self._edits.around(last, f"_vpd_at({self._site('call', node)}, ", ")")
        self.generic_visit(node)

    def _may_reach_a_tool(self, node: ast.Call) -> bool:
        match node.func:
            case ast.Attribute(attr=name):
                return name in PARAMETERS  # or another object's method of that name: a tag does no harm
            case ast.Name(id=name):
                return name in _API_FUNCTIONS or name in _CALLS_ITS_ARGUMENT or name in self._variables
            case _:
                return True

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if can_edit(part, self._edits):
                    self.visit(part.value)
                elif any(isinstance(each, ast.Call) for each in ast.walk(part)):
                    # The calls in it get the place of the whole text.
                    self._edits.around(node, f"(_vpd_at({self._site('call', node)}, None) or ", ")")
                    return


def _is_store(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _variables(tree: ast.Module) -> frozenset[str]:
    """Names that may stand for a function that the program was handed, e.g. `look = patch.find`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and _is_store(node):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return frozenset(names)


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    """In the order of the signature."""
    before = (*arguments.posonlyargs, *arguments.args, arguments.vararg)
    return [each for each in (*before, *arguments.kwonlyargs, arguments.kwarg) if each is not None]
