"""Does a program look for what the question speaks of: all of it, and nothing else?"""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from vision_tools.words import SORT_OF_ADJECTIVE
from vpd.records import Example, Json
from vpd.text.phrases import phrase_key
from vpd.verification.looks import Looks, looks
from vpd.verification.sides import contradicts_sides
from vpd.verification.terms import axes, lacking, terms

_VERBATIM = 0.8
"""Share of a question's words from which a query is taken to be that question."""


class Relevance(NamedTuple):
    """What speaks against a program's having understood the question; all empty for one that has."""

    missing: tuple[str, ...]
    """Terms of the question that the program has no word for; directions and extents by their axis, as `axis:depth`."""
    foreign: tuple[str, ...]
    """Terms that the program makes a condition of and the question does not."""
    wrong_sides: bool
    """Whether its comparisons go the other way than the question says."""
    verbatim: bool
    """Whether the program hands the whole question to a model that answers questions."""

    def as_json(self) -> Json:
        return {
            "missing": list(self.missing),
            "foreign": list(self.foreign),
            "wrong_sides": self.wrong_sides,
            "verbatim": self.verbatim,
        }


def from_json(value: Json) -> Relevance:
    """What `Relevance.as_json` made."""
    told = cast("dict[str, Any]", value)
    return Relevance(tuple(told["missing"]), tuple(told["foreign"]), told["wrong_sides"], told["verbatim"])


def asked_terms(example: Example) -> frozenset[str]:
    """The terms that a question asks a program to look for, axes included."""
    return terms(example.question) | {f"axis:{axis}" for axis in axes(example.question)}


def attributes(words: Iterable[str]) -> list[str]:
    """The colours, sizes and materials among some terms."""
    return [word for word in words if word in SORT_OF_ADJECTIVE]


def relevance(program: str, example: Example) -> Relevance:
    """Hold a program against its question."""
    found = looks(program)
    asked = terms(example.question)
    offered = frozenset[str]().union(*(terms(choice) for choice in example.choices))
    conditions = found.conditions.union(*map(terms, found.returned)) if example.choices else found.conditions
    foreign = lacking(conditions, asked | offered)
    missing = lacking(asked - (_TEXT if found.reads else frozenset()), found.mentioned)
    return Relevance(
        missing=(*sorted(missing), *sorted(f"axis:{axis}" for axis in _missing_axes(example, found))),
        foreign=tuple(sorted(foreign)),
        wrong_sides=contradicts_sides(program, example.question),
        verbatim=any(_is_question(query, example.question) for query in found.queries),
    )


_TEXT = frozenset({"sign", "text", "word", "read", "write", "written", "label", "letter", "printed", "price"})
"""What a program that reads text need not name."""


def _missing_axes(example: Example, found: Looks) -> frozenset[str]:
    used = found.axes | axes(" . ".join(found.texts))
    if found.first:  # what was found comes from left to right
        used |= {"horizontal"}
    # What is nearer stands lower in the image and looks larger: programs tell depth by either.
    if used & {"vertical", "size"}:
        used |= {"depth"}
    return axes(example.question) - used


def _is_question(query: str, question: str) -> bool:
    if phrase_key(query) == phrase_key(question):
        return True
    asked, words = set(question.lower().split()), set(query.lower().split())
    return len(words) > 4 and len(asked & words) / len(asked | words) >= _VERBATIM
