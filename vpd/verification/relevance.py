"""Does a program look for what the question speaks of: all of it, and nothing else?"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple, cast

from vision_tools.words import SORT_OF_ADJECTIVE
from vpd.records import Example, Json
from vpd.text.choices import read_choice
from vpd.text.phrases import phrase_key
from vpd.verification.bindings import unbound
from vpd.verification.builds import build
from vpd.verification.looks import Looks, looks
from vpd.verification.sides import contradicts_sides
from vpd.verification.terms import SUPERLATIVE, axes, lacking, sorts, terms

EXTREME = "extreme"
"""Stands among the axes where a question asks for one of several by a superlative."""

_VERBATIM = 0.8
"""Share of a question's words from which a query is taken to be that question."""


class Relevance(NamedTuple):
    """What speaks against a program's having understood the question; all empty for one that has."""

    missing: tuple[str, ...]
    """Terms of the question that the program has no word for; directions and extents by axis: `axis:depth`."""
    foreign: tuple[str, ...]
    """Terms that the program makes a condition of and the question does not."""
    unbound: tuple[str, ...]
    """Attributes that the program does not ask of the thing that has them in the question, as `blue cone`."""
    off_choice: bool
    """Whether it returns a text that is none of the choices."""
    wrong_sides: bool
    """Whether its comparisons go the other way than the question says."""
    verbatim: bool
    """Whether the program hands the whole question to a model that answers questions."""
    corrected: bool
    """Whether the program adds a number to what it counted, or takes one off, and the question speaks of none."""
    repeated: bool
    """Whether it names one of the options that it lets a model choose from twice, and so perhaps another not."""
    offered: tuple[str, ...]
    """The colours, shapes and the like among the options that it lets a model choose from."""
    build: str
    """A digest of how the program is built: see `builds.build`."""

    def as_json(self) -> Json:
        return {
            "missing": list(self.missing),
            "foreign": list(self.foreign),
            "unbound": list(self.unbound),
            "off_choice": self.off_choice,
            "wrong_sides": self.wrong_sides,
            "verbatim": self.verbatim,
            "corrected": self.corrected,
            "repeated": self.repeated,
            "offered": list(self.offered),
            "build": self.build,
        }


def from_json(value: Json) -> Relevance:
    """What `Relevance.as_json` made."""
    told = cast("dict[str, Any]", value)
    fields: dict[str, Any] = {
        name: tuple(part) if isinstance(part, list) else part  # type: ignore[reportUnknownArgumentType]
        for name, part in told.items()
    }
    return Relevance(**fields)


def asked_terms(example: Example) -> frozenset[str]:
    """The terms that a question asks a program to look for, axes included."""
    return terms(example.question) | {f"axis:{axis}" for axis in asked_axes(example)}


def attributes(words: Iterable[str]) -> list[str]:
    """The colours, sizes and materials among some terms."""
    return [word for word in words if word in SORT_OF_ADJECTIVE]


def relevance(program: str, example: Example) -> Relevance:
    """Hold a program against its question."""
    return held_against(program, example.question, example.choices)


@lru_cache(maxsize=1024)
def held_against(program: str, question: str, choices: tuple[str, ...]) -> Relevance:
    """Remembered, since one question with its programs is often asked of several images."""
    found = looks(program)
    asked = terms(question)
    offered = frozenset[str]().union(*(terms(choice) for choice in choices))
    conditions = found.conditions.union(*map(terms, found.returned)) if choices else found.conditions
    foreign = lacking(conditions, asked | offered)
    given = found.mentioned.union(*(some for some in found.options if len(some & (asked | offered)) > 1))
    missing = lacking(asked - (_TEXT if found.reads else frozenset()), given)
    if found.reads and missing & terms(" ".join(_TO_BE_READ.findall(question))):
        foreign |= lacking(frozenset[str]().union(*map(terms, found.compared)), asked | offered)
    return Relevance(
        missing=(*sorted(missing), *sorted(f"axis:{axis}" for axis in _missing_axes(question, found))),
        foreign=tuple(sorted(foreign)),
        unbound=tuple(each for each in unbound(program, question) if each.split(" ")[0] not in missing),
        off_choice=bool(choices) and any(read_choice(text, choices) is None for text in found.returned),
        wrong_sides=contradicts_sides(program, question),
        verbatim=any(_is_question(query, question) for query in found.queries),
        corrected=found.corrects and not _SPEAKS_OF_NUMBERS.search(question),
        repeated=found.repeats,
        offered=tuple(sorted(word for some in found.options for word in some if sorts(word)))[:_MOST_OFFERED],
        build=build(program, asked | offered),
    )


_TO_BE_READ = re.compile(r"\b[A-Z]{3,}\b|[\"“][^\"”]+[\"”]")
"""A word that the question asks for as it is written: another that a program compares with has taken its place."""

_SPEAKS_OF_NUMBERS = re.compile(
    r"\b(?:other|others|another|else|besides|except|excluding|apart|rest|remaining|remain|left over|same|more|less|"
    r"fewer|next|after|before|add|added|adding|remove|removed|removing|taken|without|plus|minus|between|extra|"
    r"missing|\d+|one|two|three|four|five|six|seven|eight|nine|ten|half|twice|double|times)\b",
    re.IGNORECASE,
)
_MOST_OFFERED = 32


_TEXT = frozenset({"sign", "text", "word", "read", "write", "written", "label", "letter", "printed", "price"})
"""What a program that reads text need not name."""


def asked_axes(example: Example) -> frozenset[str]:
    """The directions and extents that a question speaks of, and whether it asks for an extreme."""
    return _asked_axes(example.question)


@lru_cache(maxsize=4096)
def _asked_axes(question: str) -> frozenset[str]:
    return axes(question) | ({EXTREME} if SUPERLATIVE.search(question) else frozenset[str]())


def _missing_axes(question: str, found: Looks) -> frozenset[str]:
    texts = " . ".join(found.texts)
    used = found.axes | axes(texts)
    if found.first:  # what was found comes from left to right
        used |= {"horizontal"}
    # What is nearer stands lower in the image and looks larger: programs tell depth by either.
    if used & {"vertical", "size"}:
        used |= {"depth"}
    # The first of what is found is the leftmost; which of several frames is first, the video tells.
    if found.chooses or SUPERLATIVE.search(texts) or (found.first and _LEFT_OR_RIGHT.search(question)):
        used |= {EXTREME}
    return _asked_axes(question) - used


_LEFT_OR_RIGHT = re.compile(
    r"\b(?:left|right)-?most\b|(?:farthest|furthest) to the (?:left|right)\b", re.IGNORECASE
)


def _is_question(query: str, question: str) -> bool:
    if phrase_key(query) == phrase_key(question):
        return True
    asked, words = set(question.lower().split()), set(query.lower().split())
    return len(words) > 4 and len(asked & words) / len(asked | words) >= _VERBATIM
