"""Cardinal numbers in English words: `twenty-three`, `two hundred and five`, `a dozen`."""

from collections.abc import Sequence
from typing import NamedTuple

_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_POWERS = {"billion": 10**9, "million": 10**6, "thousand": 10**3}
SCALES = {"hundred": 100, "dozen": 12} | _POWERS
"""Words that multiply the number before them."""


class Cardinal(NamedTuple):
    """A number, and the index of the word after it."""

    value: int
    end: int


def read_cardinal(words: Sequence[str], start: int = 0) -> Cardinal | None:
    """The longest number that begins at `words[start]`; None if none does.

    Words are lower case, with hyphens taken apart. `none`, `a few`, `several` and ordinals are no numbers,
    and `a` is one only before `dozen`, `hundred` and the like.
    """
    if list(words[start : start + 3]) == ["half", "a", "dozen"]:
        return Cardinal(6, start + 3)
    total, end = 0, start
    for word, scale in _POWERS.items():
        group = _below_thousand(words, _after_and(words, end) if total else end)
        if group is not None and _word(words, group.end) == word:
            total, end = total + group.value * scale, group.end + 1
    group = _below_thousand(words, _after_and(words, end) if total else end)
    if group is None:
        return Cardinal(total, end) if total else None
    if not total and _word(words, group.end) == "dozen":
        return Cardinal(12 * group.value, group.end + 1)
    return Cardinal(total + group.value, group.end)


def _below_thousand(words: Sequence[str], start: int) -> Cardinal | None:
    group = _below_hundred(words, start)
    if group is None and _word(words, start) == "a" and _word(words, start + 1) in SCALES:
        group = Cardinal(1, start + 1)
    if group is None or _word(words, group.end) != "hundred":
        return group
    hundreds, end = 100 * group.value, group.end + 1
    rest = _below_hundred(words, _after_and(words, end))
    return Cardinal(hundreds + rest.value, rest.end) if rest else Cardinal(hundreds, end)


def _below_hundred(words: Sequence[str], start: int) -> Cardinal | None:
    word = _word(words, start)
    if word in _TENS:
        ones = _SMALL.get(_word(words, start + 1), 0)
        return Cardinal(_TENS[word] + ones, start + 2) if 0 < ones < 10 else Cardinal(_TENS[word], start + 1)
    return Cardinal(_SMALL[word], start + 1) if word in _SMALL else None


def _after_and(words: Sequence[str], index: int) -> int:
    return index + 1 if _word(words, index) == "and" else index


def _word(words: Sequence[str], index: int) -> str:
    return words[index] if index < len(words) else ""
