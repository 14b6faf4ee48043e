"""The words of a question or a program that say what is looked for: without fillers, synonyms as one word."""

import re
from functools import lru_cache

from vision_tools import phrases
from vision_tools.words import ADJECTIVE, ANYTHING, KINDS, SORT_OF_ADJECTIVE, SYNONYM
from vpd.text.number_words import read_cardinal

_GRAMMAR = """
a an the this that these those there here it its they them he she his her their one ones other another each every
all any some none no not is are was were be been being am do does did has have had having can could would will shall
may might must should of to in on at by for from with without as than and or but if then so such what which who whom
whose where when why how many much also too very most least more fewer less same different both either neither
between while during only just exactly way
"""
_ABOUT_ASKING = """
tell me you your i we us please look looking see seen show shown shows say says said name picture image photo
photograph scene video frame moment statement true false yes correct answer question number count amount total kind
type sort following given appear appears displayed visible give provide describe identify determine find detect
sentence word phrase brief short first second third last exist made item object thing go goes going
"""
_PLACES = """
left right leftmost rightmost hand side above below under beneath underneath over top topmost bottom bottommost
highest lowest upper lower base stacked behind front frontmost ahead background foreground camera viewer farthest
furthest farther further deepest nearer nearest closest closer near close next adjacent beside largest biggest
smallest tallest shortest widest longest larger bigger smaller taller wider touching touch touches off up down
horizontal vertical center centre middle depth distance position across around together
"""
_NAMES_OF_ATTRIBUTES = "color colour shape size material text date company"
"""Named by `What color is …?`: the program may name the colours in place of the word."""

_NOT_LOOKED_FOR = ANYTHING.union(
    *(words.split() for words in (_GRAMMAR, _ABOUT_ASKING, _PLACES, _NAMES_OF_ATTRIBUTES))
)

DIRECTIONS: dict[str, re.Pattern[str]] = {
    axis: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for axis, words in {
        "horizontal": r"left|right|leftmost|rightmost|left-?hand|right-?hand",
        "vertical": r"above|below|under|beneath|underneath|over|top|topmost|bottom|bottommost|highest|lowest|upper|"
        r"on top|base|stacked",
        "depth": r"behind|in front|front|frontmost|ahead|background|foreground|camera|viewer|deepest|"
        r"(?:farthest|furthest|farther|further)(?! to the)",
        "size": r"largest|biggest|smallest|tallest|shortest|widest|longest|taller|wider",
    }.items()
}
"""Words that speak of a place or an extent, by axis."""

SUPERLATIVE = re.compile(
    r"\b(?:nearest|closest|farthest|furthest|largest|biggest|smallest|tallest|shortest|widest|longest|highest|"
    r"lowest|deepest|\w+most)\b(?<!almost)(?<!utmost)",
    re.IGNORECASE,
)
"""Words that ask for one of several."""


@lru_cache(maxsize=65536)
def terms(text: str) -> frozenset[str]:
    """The words of a text that say what is looked for: singular, canonical, without fillers and directions."""
    words = phrases.words_of(text.replace("-", " "))
    found: set[str] = set()
    index = 0
    while index < len(words):
        for length in (3, 2, 1):
            joined = " ".join(words[index : index + length])
            canonical = ADJECTIVE.get(joined) or SYNONYM.get(joined)
            if canonical is not None or length == 1:
                found.add(canonical or joined)
                index += min(length, len(words) - index)
                break
    return frozenset(word for word in found if word not in _NOT_LOOKED_FOR and not _is_letter_or_number(word))


@lru_cache(maxsize=65536)
def related(a: str, b: str) -> bool:
    """Whether one word can stand for the other: the same, a kind of it, or of the same stem."""
    if a == b:
        return True
    if a in SORT_OF_ADJECTIVE or b in SORT_OF_ADJECTIVE:
        return False
    shared = _common_prefix(a, b)
    if shared >= 4 and shared >= min(len(a), len(b)) - 1:
        return True
    return (
        phrases.modifiers(phrases.parse(a), b) is not None
        or phrases.modifiers(phrases.parse(b), a) is not None
    )


def lacking(wanted: frozenset[str], given: frozenset[str]) -> frozenset[str]:
    """Words that nothing in `given` stands for."""
    return frozenset(word for word in wanted if not any(related(word, other) for other in given))


@lru_cache(maxsize=4096)
def axes(text: str) -> frozenset[str]:
    """The axes that a text speaks of."""
    return frozenset(axis for axis, pattern in DIRECTIONS.items() if pattern.search(text))


@lru_cache(maxsize=4096)
def sorts(word: str) -> frozenset[str]:
    """What a word is one of several of: `colour` for red, `shape` for circle."""
    if word in SORT_OF_ADJECTIVE:
        return frozenset({SORT_OF_ADJECTIVE[word]})
    return frozenset(kind for kind, members in KINDS.items() if word in members)


def _is_letter_or_number(word: str) -> bool:
    return len(word) == 1 or word.isdigit() or read_cardinal([word]) is not None


def _common_prefix(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
