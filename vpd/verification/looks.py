"""What a program looks for, read off its text: the words it hands to the tools, and the geometry it uses."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from vision_tools.words import SORT_OF_ADJECTIVE
from vpd.verification.terms import sorts, terms

AXIS_OF_ATTRIBUTE = {
    "left": "horizontal", "right": "horizontal", "horizontal_center": "horizontal",
    "lower": "vertical", "upper": "vertical", "vertical_center": "vertical",
    "width": "size", "height": "size",
}  # fmt: skip
_ANSWERS = frozenset({"yes", "no", "true", "false", "none", "unknown", "maybe", "left", "right", ""})
_ALTERNATIVES = 3
"""So many words of one sort (colours, shapes) are alternatives that the program goes through, not conditions."""
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


@lru_cache(maxsize=16)
def syntax(program: str) -> ast.Module:
    """The syntax tree of a program, empty if it is none. Not to be changed."""
    try:
        return ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


@lru_cache(maxsize=8192)
def looks(program: str) -> Looks:
    """Read a program; one that cannot be parsed looks for nothing."""
    tree = syntax(program)
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    reads = any(_name(call.func) in ("read_text", "find_text") for call in calls)
    answers = list(_answers(nodes))
    compared = list(_compared(nodes))
    unmeant = {id(each) for each in (*_comments(nodes), *answers, *(compared if reads else ()))}
    strings = [node for node in nodes if _is_text(node) and id(node) not in unmeant]
    listed = {id(each) for each in _listed(nodes)}
    options = [
        [each for each in ast.walk(call.args[0]) if _text(each)]
        for call in calls
        if _name(call.func) == "best_text_match" and call.args
    ]
    among = {id(each) for some in options for each in some}
    mentioned = frozenset[str]().union(*(terms(_text(each)) for each in strings if id(each) not in among))
    return Looks(
        conditions=_conditions(_text(each) for each in strings if id(each) not in listed),
        mentioned=mentioned,
        options=tuple(frozenset[str]().union(*(terms(_text(each)) for each in some)) for some in options),
        repeats=any(len({_text(each) for each in some}) < len(some) for some in options),
        axes=frozenset(_axes(nodes)),
        first=any(_is_first(node) for node in nodes),
        chooses=any(map(_chooses, nodes)),
        reads=reads,
        queries=tuple(_queries(calls)),
        texts=tuple(_text(each) for each in strings),
        compared=tuple(dict.fromkeys(_text(each) for each in compared)),
        returned=tuple(_text(each) for each in answers if _text(each).strip().lower() not in _ANSWERS),
        corrects=_corrects(nodes),
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


def _is_text(node: ast.AST) -> bool:
    """Whether a node is a string that can be about what is seen."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return False
    return node.value.strip().lower() not in _ANSWERS and not _PATTERN & set(node.value)


def _text(node: ast.expr | ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _comments(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Docstrings, strings that only stand there, and how a value is to be formatted."""
    for node in nodes:
        match node:
            case ast.Expr(value=ast.Constant() as text):
                yield text
            case ast.FormattedValue(format_spec=ast.expr() as spec):
                yield from ast.walk(spec)
            case _:
                pass


def _answers(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """Constants that are returned as they are."""
    for node in nodes:
        if isinstance(node, ast.Return) and node.value is not None:
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


def _listed(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Strings among which the image decides: options, and the items of lists and dictionaries."""
    for node in nodes:
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items) if (
                len(items) >= _ALTERNATIVES
            ):
                yield from items
            case ast.Dict(keys=keys, values=values):
                yield from (each for each in (*keys, *values) if each is not None)
            case ast.Call(func=function, args=[options, *_]) if _name(function) == "best_text_match":
                yield from ast.walk(options)
            case _:
                pass


def _axes(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Attribute(attr=name) if name in AXIS_OF_ATTRIBUTE:
                yield AXIS_OF_ATTRIBUTE[name]
            case ast.Call(func=function) if _name(function) == "compute_depth":
                yield "depth"
            case ast.Call(func=function) if _name(function) in ("distance", "overlaps_with"):
                yield from ("horizontal", "vertical")
            case _:
                pass


def _queries(calls: Iterable[ast.Call]) -> Iterator[str]:
    for call in calls:
        if _name(call.func) in ("simple_query", "llm_query"):
            named = [keyword.value for keyword in call.keywords if keyword.arg in ("question", "query")]
            yield from (_text(value) for value in (*call.args[:1], *named) if _text(value))


def _compared(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                yield from (each for each in ast.walk(side) if _text(each).strip())


def _is_first(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(slice=ast.Constant(value=0)):
            return True
        case ast.Subscript(slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1))):
            return True
        case _:
            return False


def _chooses(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=function):
            return _name(function) in ("min", "max", "sorted", "sort", "best_image_match")
        case ast.For(body=body):
            # `if p.left < best.left: best = p`
            tests = [each for part in body for each in ast.walk(part) if isinstance(each, ast.If)]
            return any(_stored(each.body) & _loaded(each.test) for each in tests)
        case _:
            return False


def _corrects(nodes: list[ast.AST]) -> bool:
    """`len(cubes) - 1`, or the same by a name, but where it is a place in a list."""
    counts = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _is_count(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    places: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Subscript):
            places.update(id(each) for each in ast.walk(node.slice))
        elif isinstance(node, ast.Call) and _name(node.func) == "range":
            places.update(id(each) for argument in node.args for each in ast.walk(argument))
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add | ast.Sub)
        and isinstance(node.right, ast.Constant)
        and isinstance(node.right.value, int)
        and (_is_count(node.left) or (isinstance(node.left, ast.Name) and node.left.id in counts))
        and id(node) not in places
        for node in nodes
    )


def _is_count(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("len", "sum")


def _stored(body: list[ast.stmt]) -> set[str]:
    nodes = (each for part in body for each in ast.walk(part))
    return {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _loaded(test: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
