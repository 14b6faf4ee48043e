"""What a program looks for, read off its text: the words it hands to the tools, and the geometry it uses."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from vision_tools.words import SORT_OF_ADJECTIVE
from vpd.execution.protocol import PARAMETERS
from vpd.execution.syntax import Syntax, syntax, walk
from vpd.verification.terms import sorts, terms

AXIS_OF_ATTRIBUTE = {
    "left": "horizontal", "right": "horizontal", "horizontal_center": "horizontal",
    "lower": "vertical", "upper": "vertical", "vertical_center": "vertical",
    "width": "size", "height": "size",
}  # fmt: skip
_ANSWERS = frozenset({"yes", "no", "true", "false", "none", "unknown", "maybe", "left", "right", ""})
_ALTERNATIVES = 3
"""So many words of one sort (colours, shapes) are alternatives that the program goes through, not conditions."""
_CHOOSING = frozenset({"min", "max", "sorted", "sort", "best_image_match"})
_PATTERN = frozenset("\\[](){}^$|*+<>%")
"""Signs of regular expressions, formats and paths."""


class Looks(NamedTuple):
    """What a program looks for."""

    conditions: frozenset[str] = frozenset()
    """Terms that what is found must meet."""
    mentioned: frozenset[str] = frozenset()
    """All terms of its strings, alternatives included, but for the options of `best_text_match`."""
    options: tuple[frozenset[str], ...] = ()
    """The terms of the options of each `best_text_match`."""
    repeats: bool = False
    """Whether it names one of these options twice."""
    axes: frozenset[str] = frozenset()
    """Axes of the coordinates, depths and sizes that it uses."""
    first: bool = False
    """Whether it takes the first or last of what was found, which comes from left to right."""
    chooses: bool = False
    """Whether it chooses the extreme of several: by `min`, `max` or a sort, or by comparing one by one."""
    reads: bool = False
    """Whether it reads text in the image."""
    queries: tuple[str, ...] = ()
    """Questions that it hands to a model whole."""
    texts: tuple[str, ...] = ()
    """All its strings but answers and comments."""
    compared: tuple[str, ...] = ()
    """Strings that values are compared with."""
    returned: tuple[str, ...] = ()
    """Strings that it returns as they are."""
    corrects: bool = False
    """Whether it adds a number to a count, or takes one off."""


def syntax_of(program: str) -> Syntax:
    """The syntax of a program, empty if it is none."""
    try:
        return syntax(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Syntax("", ast.Module([], []), {})


@lru_cache(maxsize=8192)
def looks(program: str) -> Looks:
    """Read a program; one that cannot be parsed looks for nothing."""
    source = syntax_of(program)
    calls = source.of(ast.Call)
    reads = any(_name(call.func) in ("read_text", "find_text") for call in calls)
    answers = list(_answers(source))
    compared = list(_compared(source))
    # What the image says need not be what the question speaks of, unless a tool is to look for it.
    handed = {id(each) for each in _handed(calls)}
    read = [each for each in compared if id(each) not in handed] if reads else []
    unmeant = {id(each) for each in (*_comments(source), *answers, *read)}
    strings = [node for node in source.of(ast.Constant) if _is_text(node) and id(node) not in unmeant]
    listed = {id(each) for each in _listed(source)}
    options = [
        [each for each in walk(call.args[0]) if _text(each)]
        for call in calls
        if _name(call.func) == "best_text_match" and call.args
    ]
    among = {id(each) for some in options for each in some}
    mentioned = frozenset[str]().union(
        *(terms(_text(each)) for each in (*strings, *read) if id(each) not in among)
    )
    return Looks(
        conditions=_conditions(_text(each) for each in strings if id(each) not in listed),
        mentioned=mentioned,
        options=tuple(frozenset[str]().union(*(terms(_text(each)) for each in some)) for some in options),
        repeats=any(len({_text(each) for each in some}) < len(some) for some in options),
        axes=frozenset(_axes(source)),
        first=any(_is_first(node) for node in source.of(ast.Subscript)),
        chooses=_chooses(source),
        reads=reads,
        queries=tuple(_queries(calls)),
        texts=tuple(_text(each) for each in strings),
        compared=tuple(dict.fromkeys(_text(each) for each in compared)),
        returned=tuple(_text(each) for each in answers if _text(each).strip().lower() not in _ANSWERS),
        corrects=_corrects(source),
    )


def _conditions(texts: Iterable[str]) -> frozenset[str]:
    """The terms of some texts, but for alternatives: `black circle`, `black square` and `black triangle`."""
    phrases = [terms(text) for text in texts]
    found = frozenset[str]().union(*phrases) - frozenset(SORT_OF_ADJECTIVE.values())
    alike: defaultdict[tuple[str, frozenset[str]], set[str]] = defaultdict(set)
    for phrase in phrases:
        for word in phrase:
            for sort in sorts(word):
                alike[sort, phrase - {word}].add(word)
    alternatives = [words for (_, rest), words in alike.items() if rest and len(words) >= _ALTERNATIVES]
    return found - frozenset[str]().union(*alternatives)


def _is_text(node: ast.Constant) -> bool:
    """Whether a node is a string that can be about what is seen."""
    text = node.value
    return isinstance(text, str) and text.strip().lower() not in _ANSWERS and _PATTERN.isdisjoint(text)


def _text(node: ast.expr | ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _comments(source: Syntax) -> Iterator[ast.AST]:
    """Docstrings, strings that only stand there, and how a value is to be formatted."""
    for node in source.of(ast.Expr):
        if isinstance(node.value, ast.Constant):
            yield node.value
    for node in source.of(ast.FormattedValue):
        if node.format_spec is not None:
            yield from walk(node.format_spec)


def _answers(source: Syntax) -> Iterator[ast.expr]:
    """Constants that are returned as they are."""
    for node in source.of(ast.Return):
        if node.value is not None:
            yield from _outcomes(node.value)


def _outcomes(value: ast.expr) -> Iterator[ast.expr]:
    match value:
        case ast.Constant():
            yield value
        case ast.IfExp(body=body, orelse=orelse):
            yield from _outcomes(body)
            yield from _outcomes(orelse)
        case _:
            pass


def _listed(source: Syntax) -> Iterator[ast.AST]:
    """Strings among which the image decides: options, and the items of lists and dictionaries."""
    for node in (*source.of(ast.List), *source.of(ast.Tuple), *source.of(ast.Set)):
        if len(node.elts) >= _ALTERNATIVES:
            yield from node.elts
    for node in source.of(ast.Dict):
        yield from (each for each in (*node.keys, *node.values) if each is not None)
    for node in source.of(ast.Call):
        if node.args and _name(node.func) == "best_text_match":
            yield from walk(node.args[0])


def _axes(source: Syntax) -> Iterator[str]:
    for node in source.of(ast.Attribute):
        if node.attr in AXIS_OF_ATTRIBUTE:
            yield AXIS_OF_ATTRIBUTE[node.attr]
    for node in source.of(ast.Call):
        name = _name(node.func)
        if name == "compute_depth":
            yield "depth"
        elif name in ("distance", "overlaps_with"):
            yield from ("horizontal", "vertical")


def _queries(calls: Iterable[ast.Call]) -> Iterator[str]:
    for call in calls:
        if _name(call.func) in ("simple_query", "llm_query"):
            named = [keyword.value for keyword in call.keywords if keyword.arg in ("question", "query")]
            yield from (_text(value) for value in (*call.args[:1], *named) if _text(value))


def _compared(source: Syntax) -> Iterator[ast.AST]:
    for node in source.of(ast.Compare):
        for side in (node.left, *node.comparators):
            yield from (each for each in walk(side) if _text(each).strip())


def _handed(calls: Iterable[ast.Call]) -> Iterator[ast.AST]:
    """What stands in the arguments of tools."""
    for call in calls:
        if _name(call.func) in PARAMETERS:
            for value in (*call.args, *(keyword.value for keyword in call.keywords)):
                yield from walk(value)


def _is_first(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(slice=ast.Constant(value=0)):
            return True
        case ast.Subscript(slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1))):
            return True
        case _:
            return False


def _chooses(source: Syntax) -> bool:
    if any(_name(call.func) in _CHOOSING for call in source.of(ast.Call)):
        return True
    for node in source.of(ast.For):
        # `if p.left < best.left: best = p`
        tests = [each for part in node.body for each in walk(part) if isinstance(each, ast.If)]
        if any(_stored(each.body) & _loaded(each.test) for each in tests):
            return True
    return False


def _corrects(source: Syntax) -> bool:
    """`len(cubes) - 1`, or the same by a name, but where it is a place in a list."""
    corrections = [
        node
        for node in source.of(ast.BinOp)
        if isinstance(node.op, ast.Add | ast.Sub)
        and isinstance(node.right, ast.Constant)
        and isinstance(node.right.value, int)
    ]
    if not corrections:
        return False
    counts = {
        target.id
        for node in source.of(ast.Assign)
        if _is_count(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    places: set[int] = set()
    for node in source.of(ast.Subscript):
        places.update(id(each) for each in walk(node.slice))
    for node in source.of(ast.Call):
        if _name(node.func) == "range":
            places.update(id(each) for argument in node.args for each in walk(argument))
    return any(
        (_is_count(node.left) or (isinstance(node.left, ast.Name) and node.left.id in counts))
        and id(node) not in places
        for node in corrections
    )


def _is_count(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("len", "sum")


def _stored(body: list[ast.stmt]) -> set[str]:
    nodes = (each for part in body for each in walk(part))
    return {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _loaded(test: ast.expr) -> set[str]:
    return {each.id for each in walk(test) if isinstance(each, ast.Name)}


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
