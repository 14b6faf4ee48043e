"""Is each attribute asked of the thing that has it: `find("cone")` does not look for the blue cone of a question."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from vision_tools import phrases
from vision_tools.words import ADJECTIVE, SORT_OF_ADJECTIVE, SYNONYM
from vpd.execution.syntax import Syntax, walk
from vpd.verification.looks import syntax_of
from vpd.verification.terms import related, terms

Pair = tuple[str, str]
"""An attribute, and the thing that has it."""

_NOT_LOOKED_FOR = frozenset({"select_frames", "best_text_match", "llm_query"})


def unbound(program: str, question: str) -> tuple[str, ...]:
    """Attributes that a program does not ask of the thing that has them, as `blue cone`.

    The thing is looked for by name, but never with the attribute, which is not named by itself either, as in
    `cone.verify_property("cone", "blue")`.
    """
    said = _pairs(question)
    if not said:
        return ()
    asked, alone, named = looked_for(program)
    return tuple(
        f"{attribute} {thing}"
        for attribute, thing in sorted(said)
        if attribute not in alone
        and any(related(thing, other) for other in named)
        and not any(attribute == other and related(thing, found) for other, found in asked)
    )


@lru_cache(maxsize=65536)
def _pairs(text: str) -> frozenset[Pair]:
    """`large red cubes` → big cube, red cube."""
    found: set[Pair] = set()
    before: list[str] = []
    for word in phrases.words_of(text.replace("-", " ")):
        canonical = ADJECTIVE.get(word) or SYNONYM.get(word) or word
        if canonical in SORT_OF_ADJECTIVE:
            before.append(canonical)
        else:
            found.update((attribute, canonical) for attribute in before if terms(canonical))
            before = []
    return frozenset(found)


class _LookedFor(NamedTuple):
    """What a program looks for."""

    pairs: frozenset[Pair]
    attributes: frozenset[str]
    """Those that are named by themselves."""
    things: frozenset[str]


@lru_cache(maxsize=1024)
def looked_for(program: str) -> _LookedFor:
    source = syntax_of(program)
    unmeant = {id(each) for part in _unmeant(source) for each in walk(part)}
    texts = [
        node.value
        for node in source.of(ast.Constant)
        if isinstance(node.value, str) and id(node) not in unmeant
    ]
    words = [terms(text) for text in texts]
    return _LookedFor(
        frozenset[Pair]().union(*map(_pairs, texts)),
        frozenset[str]().union(*(some for some in words if some <= SORT_OF_ADJECTIVE.keys())),
        frozenset[str]().union(*words) - SORT_OF_ADJECTIVE.keys(),
    )


def _unmeant(source: Syntax) -> Iterator[ast.AST]:
    yield from (node.slice for node in source.of(ast.Subscript))
    for node in source.of(ast.Return):
        if isinstance(node.value, ast.Constant | ast.IfExp):
            yield node.value
    for node in source.of(ast.Dict):
        yield from (key for key in node.keys if key is not None)
    for node in source.of(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _NOT_LOOKED_FOR:
            yield from node.args
    yield from (node.value for node in source.of(ast.Expr) if isinstance(node.value, ast.Constant))
