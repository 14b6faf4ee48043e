"""A program as the sandbox runs it: the same lines, with call sites, values and branches made visible.

Expressions are wrapped in calls of the prelude (`programs/prelude_runtime.py`): `x = f(y)` becomes
`x = _vpd_see(1, (f(_vpd_at(0, y))))`, where 0 and 1 are sites. What the sandbox's interpreter cannot do while a
tool is awaited is rewritten too: `xs.sort(key=…)`, and generator expressions (as lists, which `any`, `all` and
`next` leave as soon as they know). The text is untrusted: it is parsed and edited here, never run.
"""

import ast
from bisect import bisect_right
from typing import Literal, NamedTuple

from vpd.execution.edits import Edits, offset

API_METHODS = frozenset(
    "find exists verify_property best_text_match simple_query read_text find_text compute_depth llm_query "
    "select_frames".split()
)
"""Methods that reach a tool. Those of other objects share the names (`str.find`); a tag does them no harm."""

API_FUNCTIONS = frozenset({"best_image_match", "llm_query"})

_CALLS_ITS_ARGUMENT = frozenset({"map", "filter", "sorted", "min", "max"})

_CAUGHT = "_vpd_exception"

_LEAVES_EARLY = {"any": "_vpd_when_true", "all": "_vpd_when_false", "next": "_vpd_at_once"}


class Site(NamedTuple):
    """A place in the program that the trace can point at."""

    kind: Literal["call", "bind", "branch", "return"]
    line: int
    expression: str
    name: str | None = None


class Rewritten(NamedTuple):
    source: str
    sites: tuple[Site, ...]
    lines: tuple[int, ...]
    """For each line of `source`, from 1, the line of the program it came from."""

    def line(self, rewritten: int) -> int:
        return self.lines[min(rewritten, len(self.lines) - 1)]


def rewrite(program: str, tree: ast.Module, entry: str) -> Rewritten:
    """Instrument a program whose syntax tree is `tree`; the parameters of function `entry` are not traced.

    Raises:
        RecursionError: the program is nested too deeply.
    """
    rewriter = _Rewriter(program, entry, _variables(tree))
    rewriter.visit(tree)
    source, lines = rewriter.edits.apply()
    return Rewritten(source, tuple(rewriter.sites), lines)


_PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.expr_context)

_BUILTIN_METHODS = frozenset(
    name for kind in (str, list, dict, set, tuple) for name in dir(kind) if not name.startswith("_")
)


def _names(target: ast.expr) -> list[ast.Name]:
    return [node for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _variables(tree: ast.Module) -> frozenset[str]:
    """Names that may stand for a function the program was handed, e.g. `look = patch.find`."""
    stored = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    parameters = (node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
    return frozenset((*stored, *parameters))


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    extra = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


class _Rewriter(ast.NodeVisitor):
    def __init__(self, program: str, entry: str, variables: frozenset[str]) -> None:
        self.source = program.encode()
        self.edits = Edits(self.source)
        self.sites: list[Site] = []
        self._entry = entry
        self._cells = 0
        self._early: set[ast.GeneratorExp] = set()
        self._variables = variables
        self._starts = [0]
        for line in self.source.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    # Positions --------------------------------------------------------------------------------------------

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[node.end_lineno - 1] + node.end_col_offset
        if isinstance(node, ast.GeneratorExp):
            return start + 1, end - 1  # its span holds its own parentheses, or those of the call around it
        return start, end

    def _site(self, kind: Literal["call", "bind", "branch", "return"], node: ast.expr, name: str | None = None) -> int:
        start, end = self._span(node)
        text = self.source[start:end].decode()
        self.sites.append(Site(kind, node.lineno, text, name))
        return len(self.sites) - 1

    def _wrap(self, node: ast.expr, before: str, after: str = ")") -> None:
        start, end = self._span(node)
        self.edits.wrap(start, end, before + "(", ")" + after)

    # Values -----------------------------------------------------------------------------------------------

    def _see(self, kind: Literal["bind", "branch", "return"], node: ast.expr, name: str | None = None) -> None:
        self._wrap(node, f"_vpd_see({self._site(kind, node, name)}, ")

    def _see_names(self, names: list[ast.Name], value: ast.expr) -> str:
        """Statements that record what the names are bound to."""
        return "; ".join(f"_vpd_see({self._site('bind', value, name.id)}, {name.id})" for name in names)

    def _open_body(self, body: list[ast.stmt], statements: str) -> None:
        """Run statements at the start of a body, on a line of their own where they cannot share one."""
        if not statements:
            return
        first = body[0]
        start, _ = self._span(first)
        for decorator in getattr(first, "decorator_list", ()):
            start = min(start, self.source.rindex(b"@", 0, self._span(decorator)[0]))
        line_start = self._starts[bisect_right(self._starts, start) - 1]
        indent = self.source[line_start:start]
        own_line = not indent.strip()
        self.edits.before(start, statements + ("\n" + indent.decode() if own_line else "; "))

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                self._see("bind", node.value, ast.unparse(target))
            else:
                self.edits.after(self._span(node)[1], "; " + self._see_names(_names(target), node.value))
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._see("bind", node.value, ast.unparse(node.target))
            self.visit(node.value)
        self.visit(node.target)  # and not the annotation, which nothing evaluates

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        # Reading the target again must do nothing but read.
        if all(isinstance(part, _PLAIN) for part in ast.walk(node.target)):
            name = ast.unparse(node.target)
            start, end = self._span(node)
            self.sites.append(Site("bind", node.lineno, self.source[start:end].decode(), name))
            self.edits.after(end, f"; _vpd_see({len(self.sites) - 1}, {name})")
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._see("bind", node.value, node.target.id)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._open_body(node.body, self._see_names(_names(node.target), node.iter))
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        seen = [
            self._see_names(_names(item.optional_vars), item.context_expr)
            for item in node.items
            if item.optional_vars is not None
        ]
        self._open_body(node.body, "; ".join(seen))
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """Let the host know what was caught: it may be the interpreter's own refusal, which is no answer."""
        if node.type is None:
            start = offset(self.source, node)
            self.edits.replace(start, start + len("except"), f"except BaseException as {_CAUGHT}")
        elif node.name is None:
            start, end = self._span(node.type)
            while self.source[end : end + 1] != b":":  # its closing parenthesis
                end += 1
            self.edits.after(end, f" as {_CAUGHT}")
        self._open_body(node.body, f"_vpd_caught({node.name or _CAUGHT})")
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if not (node.name == self._entry and node.col_offset == 0):
            parameters = _parameters(node.args)
            for parameter in parameters:
                if parameter.arg not in ("self", "cls"):
                    self.sites.append(Site("bind", parameter.lineno, parameter.arg, parameter.arg))
            first = len(self.sites) - len([p for p in parameters if p.arg not in ("self", "cls")])
            self._open_body(
                node.body,
                "; ".join(
                    f"_vpd_see({site}, {self.sites[site].name})" for site in range(first, len(self.sites))
                ),
            )
        for child in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *node.body):
            if child is not None:
                self.visit(child)

    def visit_If(self, node: ast.If | ast.While | ast.IfExp) -> None:
        self._see("branch", node.test)
        self.generic_visit(node)

    visit_While = visit_If
    visit_IfExp = visit_If

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.sites.append(Site("return", node.lineno, "None"))
            self.edits.after(self._span(node)[1], f" _vpd_see({len(self.sites) - 1}, None)")
        else:
            self._see("return", node.value)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._see("branch", condition)
        self.generic_visit(node)

    # Calls ------------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        if self._may_reach_a_tool(node):
            # The tag is the last thing evaluated before the call, so that calls among its arguments do not
            # leave theirs behind.
            last = node.keywords[-1].value if node.keywords else node.args[-1] if node.args else node.func
            if isinstance(last, ast.Starred):
                last = last.value
            if last is node.func and isinstance(last, ast.Attribute):
                last = last.value
            self._wrap(last, f"_vpd_at({self._site('call', node)}, ")
        match node.func:
            case ast.Attribute(value=receiver, attr="sort") if node.keywords:
                self._wrap(receiver, "_vpd_sortable(")
            case ast.Name(id="any" | "all" | "next" as name) if node.args:
                if isinstance(node.args[0], ast.GeneratorExp):
                    self._leave_early(node.args[0], _LEAVES_EARLY[name])
            case _:
                pass
        for function in self._function_arguments(node):
            self._as_function(function)
        self.generic_visit(node)

    def _may_reach_a_tool(self, node: ast.Call) -> bool:
        match node.func:
            case ast.Attribute(attr=name):
                return name in API_METHODS
            case ast.Name(id=name):
                return name in API_FUNCTIONS or name in _CALLS_ITS_ARGUMENT or name in self._variables
            case _:
                return True

    def _function_arguments(self, node: ast.Call) -> list[ast.expr]:
        """Arguments that are functions: `key=` of anything, and what `map` and `filter` apply."""
        functions = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
        if isinstance(node.func, ast.Name) and node.func.id in ("map", "filter") and node.args:
            functions.append(node.args[0])
        return functions

    def _as_function(self, node: ast.expr) -> None:
        """Methods of builtin objects are no values in the sandbox: `d.get` → `lambda …: d.get(…)`."""
        if not isinstance(node, ast.Attribute) or node.attr not in _BUILTIN_METHODS:
            return
        if isinstance(node.value, ast.Name) and node.value.id in ("str", "list", "dict", "set", "tuple"):
            start, end = self._span(node)
            self.edits.replace(start, end, f"(lambda _vpd_o, *_vpd_a: _vpd_o.{node.attr}(*_vpd_a))")
            node.value = ast.Constant(None)  # nothing left to edit inside
        else:
            self._wrap(node, "(lambda *_vpd_a: ", "(*_vpd_a))")

    # Generator expressions --------------------------------------------------------------------------------

    def _leave_early(self, node: ast.GeneratorExp, when: str) -> None:
        self._cells += 1
        cell = f"_vpd_cell{self._cells}"
        start, end = self._span(node)
        self.edits.wrap(start, end, "_vpd_iter([", "])")
        self._wrap(node.elt, f"{when}({cell}, ", f") for {cell} in [_vpd_Cell()]")
        for generator in node.generators:
            self._wrap(generator.iter, f"_vpd_Until({cell}, ")
        self._early.add(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        if node not in self._early:
            start, end = self._span(node)
            self.edits.wrap(start, end, "_vpd_iter([", "])")
        self.generic_visit(node)

    # Text ---------------------------------------------------------------------------------------------------

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        """Edit inside an f-string where the parser tells rightly where its parts are."""
        start, end = self._span(node.value)
        try:
            found = ast.parse(self.source[start:end].decode(), mode="eval").body
        except (SyntaxError, ValueError):
            return
        shows_itself = self.source[end:].lstrip()[:1] == b"="  # f"{x = }" prints its own source
        if ast.dump(found) == ast.dump(node.value) and not shows_itself:
            self.visit(node.value)
