"""Noun phrases against names: does `two red cars` speak of what an annotation or a model calls `car`?"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from vision_tools.words import (
    ADJECTIVE,
    ANYTHING,
    ENDS_IN_S,
    IRREGULAR_PLURALS,
    KINDS,
    NOT_THEIR_LAST_WORD,
    PERSON_WORDS,
    SYNONYM,
)

_DETERMINERS = frozenset({"a", "an", "the", "all", "any", "every", "each", "some", "this", "these", "those"})
_FILLERS = _DETERMINERS | {"color", "colour", "colored", "coloured", "size", "sized", "is", "in"}
_AFTER_THE_NOUN = frozenset({
    "of", "with", "without", "in", "on", "at", "under", "over", "above", "below", "near", "next", "behind",
    "beside", "between", "inside", "wearing", "holding", "riding", "sitting", "standing", "lying", "made",
    "that", "which", "who", "for", "from", "to", "by", "facing",
})  # fmt: skip


class Phrase(NamedTuple):
    """A noun with what stands before and after it, e.g. `(red, car), with open door`."""

    words: tuple[str, ...]
    """Adjectives, then the noun; singular, lower case, without articles."""
    after: str
    """What follows the noun, e.g. `with open door`; '' if nothing does."""


@lru_cache(maxsize=65536)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a phrase: lower case, singular, without articles and punctuation."""
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower())
    return tuple(singular(word) for word in words if word not in _DETERMINERS)


def singular(word: str) -> str:
    """The singular of a lower-case noun; a singular stays as it is."""
    if word in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[word]
    if word.endswith("men") and len(word) > 6:
        return word[:-2] + "an"
    if word in ENDS_IN_S or len(word) < 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zzes", "oes")):
        return word[:-2]
    return word[:-1]


def parse(text: str) -> Phrase:
    """Split a phrase at its noun."""
    words = words_of(text)
    if words[1:2] == ("of",) and words[0] in ("pair", "set"):
        words = words[2:]
    cut = next((i for i, word in enumerate(words) if word in _AFTER_THE_NOUN and i > 0), len(words))
    return Phrase(words[:cut], " ".join(words[cut:]))


def is_anything(phrase: Phrase) -> bool:
    """Whether the noun says nothing of what it names, as in `red object`."""
    return bool(phrase.words) and phrase.words[-1] in ANYTHING


def modifiers(phrase: Phrase, name: str) -> tuple[str, ...] | None:
    """What must hold of something called `name` for the phrase to be said of it; None if nothing could.

    `modifiers(parse("red cars"), "car")` is `("red",)`, of `"dog"` it is None. A noun closer than the name
    is such a condition too: `sparrow` asks of a `bird` that it be a `sparrow`.
    """
    for start in range(len(phrase.words)):
        noun = " ".join(phrase.words[start:])
        before = phrase.words[:start] + ((phrase.after,) if phrase.after else ())
        if _said_of(noun, name):
            return before
        if _closer(noun, name):
            return (noun, *before)
        if noun in NOT_THEIR_LAST_WORD:
            return None
    return None


def matches(phrase: Phrase, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names the phrase can be said of, each with its modifiers.

    `man`, `woman` and the like are found as `person`, unless one of the names is closer.
    """
    found = {name: m for name in names if (m := modifiers(phrase, name)) is not None}
    head = _canonical(phrase.words[-1]) if phrase.words else ""
    if head in PERSON_WORDS:
        exact = {name: m for name, m in found.items() if _canonical_words(name) != "person"}
        if exact:
            return exact
        return {name: tuple(w for w in m if _canonical(w) != head) for name, m in found.items()}
    return found


def adjective(text: str) -> str:
    """The form that stands for an adjective and its synonyms: `gray colored` is `grey`."""
    words = [w for w in re.findall(r"[^\W_]+", text.lower()) if w not in _FILLERS]
    joined = " ".join(words)
    return ADJECTIVE.get(joined, joined)


def _canonical(noun: str) -> str:
    return SYNONYM.get(noun, noun)


@lru_cache(maxsize=65536)
def _canonical_words(name: str) -> str:
    return _canonical(" ".join(words_of(name)))


@lru_cache(maxsize=65536)
def _kinds(noun: str) -> frozenset[str]:
    """The noun and everything that is a kind of it."""
    direct = KINDS.get(noun, frozenset())
    return frozenset({noun}).union(*(_kinds(kind) for kind in direct))


def _said_of(noun: str, name: str) -> bool:
    if noun in ANYTHING:
        return True
    kinds = _kinds(_canonical(noun))
    words = words_of(name)
    for start in range(len(words)):
        rest = _canonical(" ".join(words[start:]))
        if rest in kinds:
            return True
        if rest in NOT_THEIR_LAST_WORD:
            return False
    return False


def _closer(noun: str, name: str) -> bool:
    return _canonical(noun) in _kinds(_canonical_words(name))
