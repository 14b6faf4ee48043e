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
    """All terms of its strings, alternatives included."""
    axes: frozenset[str] = frozenset()
    """Axes of the coordinates, depths and sizes that it uses."""
    first: bool = False
    """Whether it takes the first or last of what was found, which comes from left to right."""
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


@lru_cache(maxsize=8192)
def looks(program: str) -> Looks:
    """Read a program; one that cannot be parsed looks for nothing."""
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Looks()
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    reads = any(_name(call.func) in ("read_text", "find_text") for call in calls)
    answers = list(_answers(nodes))
    compared = list(_compared(nodes))
    unmeant = {id(each) for each in (*_comments(nodes), *answers, *(compared if reads else ()))}
    strings = [node for node in nodes if _is_text(node) and id(node) not in unmeant]
    listed = {id(each) for each in _listed(nodes)}
    mentioned = frozenset[str]().union(*(terms(_text(each)) for each in strings))
    return Looks(
        conditions=_conditions(_text(each) for each in strings if id(each) not in listed),
        mentioned=mentioned,
        axes=frozenset(_axes(nodes)),
        first=any(_is_first(node) for node in nodes),
        reads=reads,
        queries=tuple(_queries(calls)),
        texts=tuple(_text(each) for each in strings),
        compared=tuple(dict.fromkeys(_text(each) for each in compared)),
        returned=tuple(_text(each) for each in answers if _text(each).strip().lower() not in _ANSWERS),
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


def _comments(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """Docstrings, and strings that only stand there."""
    return (
        node.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


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


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
