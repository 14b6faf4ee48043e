"""Is each attribute asked of the thing that has it: `find("cone")` does not look for the blue cone of a question."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from vision_tools import phrases
from vision_tools.words import ADJECTIVE, SORT_OF_ADJECTIVE, SYNONYM
from vpd.verification.looks import syntax
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
    texts = _looked_for(program)
    asked = frozenset[Pair]().union(*map(_pairs, texts))
    alone = frozenset[str]().union(
        *(words for words in map(terms, texts) if words <= SORT_OF_ADJECTIVE.keys())
    )
    named = frozenset[str]().union(*map(terms, texts)) - SORT_OF_ADJECTIVE.keys()
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


@lru_cache(maxsize=1024)
def _looked_for(program: str) -> tuple[str, ...]:
    """The strings of a program by which it may look for things."""
    nodes = list(ast.walk(syntax(program)))
    unmeant = {id(each) for node in nodes for part in _unmeant(node) for each in ast.walk(part)}
    return tuple(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unmeant
    )


def _unmeant(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Subscript(slice=index):
            yield index
        case ast.Return(value=ast.Constant() | ast.IfExp() as value):
            yield value
        case ast.Dict(keys=keys):
            yield from (key for key in keys if key is not None)
        case ast.Call(func=ast.Attribute(attr=name)) if name in _NOT_LOOKED_FOR:
            yield from node.args
        case ast.Expr(value=ast.Constant() as value):
            yield value
        case _:
            pass
