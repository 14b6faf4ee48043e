"""A number with its unit: `3`, `three cats`, `2.5 cm`, `-4`, `50%`, `RM 2.50`, `1,234.50 USD`."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from vpd.text.bare import bare
from vpd.text.number_words import SCALES, read_cardinal
from vpd.text.phrases import phrase_key

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:\.\d{3})+,\d{2}(?!\d)"  # 1.234,50
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!,?\d)"  # 1,234.50
    r"|\d+,\d{2}(?!,?\d)"  # 2,50
    r"|\d+(?:\.\d+)?(?:e[+-]?\d{1,3}(?![\d.]))?|\.\d+)"  # 2.50, 1e-05, .5
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)|\S"
)
_CURRENCIES = {
    "$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd",
    "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur",
    "£": "gbp", "gbp": "gbp", "¥": "jpy", "jpy": "jpy", "yen": "jpy", "₹": "inr", "inr": "inr",
    "rm": "myr", "myr": "myr", "ringgit": "myr", "sgd": "sgd",
}  # fmt: skip
_UNIT_SIGNS = {"%": "%", "percent": "%", "°": "°"}
_ATTACHED_UNITS = {"mm", "cm", "m", "km", "ft", "g", "kg", "oz", "lb", "lbs", "ml", "l", "mph", "px"}
_HYPHEN_IN_WORD = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_MOST_DIGITS = 40
_BEFORE = {
    "there", "they", "it", "it's", "its", "i", "we", "is", "are", "was", "were", "can", "see", "count",
    "the", "a", "number", "total", "grand", "of", "amount", "price", "cost", "exactly", "only", "just",
    ":", "=",
}  # fmt: skip
"""Words that may lead up to the number without changing it."""
_NOT_ONE_NUMBER = {
    "or", "to", "and", "plus", "minus", "more", "less", "fewer", "than", "least", "most", "maybe",
    "perhaps", "possibly", "not", "but", "if", "unclear", "unsure", "approximately", "half", "few",
    "several",
}  # fmt: skip
"""Words after a number that make it a range, a sum, a guess or a denial."""


class Quantity(NamedTuple):
    """A number and what it counts or measures; the unit is `''` where none is said."""

    value: Decimal
    unit: str


def read_quantity(text: str) -> Quantity | None:
    """The one number a short text states; None if it states none, several, a range or a guess.

    `2-3`, `2 or 3`, `1/2`, `3+`, `about 3`, `3rd` and `4k` are refused. So is `none`: it is how a program
    spells the answer it does not have. A comma separates thousands before three digits, decimals before two.
    """
    tokens = list(_TOKEN.finditer(_HYPHEN_IN_WORD.sub(" ", bare(text))))
    if any(_run_together(*pair) for pair in pairwise(tokens)):
        return None
    words = [token[0] for token in tokens]
    start = next(
        (i for i in range(len(words)) if words[i] not in _BEFORE or _begins_number(words, i)), len(words)
    )
    sign, currency, start = _sign_and_currency(tokens, start)
    number = _number(tokens, words, start)
    if number is None:
        return None
    unit = _unit(words[number.end :])
    if unit is None:
        return None
    return Quantity(sign * number.value, f"{currency} {unit}".strip() if unit != currency else unit)


def agree(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities are equal. One without a unit agrees with any unit.

    Whole numbers must be equal; others may differ by the rounding of floating point, one part in a billion.
    """
    if a.unit and b.unit and a.unit != b.unit:
        return False
    if a.value == b.value:
        return True
    whole = all(value == value.to_integral_value() for value in (a.value, b.value))
    return not whole and abs(a.value - b.value) <= max(abs(a.value), abs(b.value)) * Decimal("1e-9")


class _Number(NamedTuple):
    value: Decimal
    end: int


def _begins_number(words: Sequence[str], index: int) -> bool:
    """`a` leads up to a number, but in `a dozen` it is part of it."""
    return read_cardinal(words, index) is not None


def _sign_and_currency(tokens: "Sequence[re.Match[str]]", index: int) -> tuple[int, str, int]:
    """The sign, the currency and the index after them: `-$5` and `$-5` are both written."""
    sign, currency = 1, ""
    while index < len(tokens):
        word = tokens[index][0]
        if sign == 1 and (word in ("minus", "negative") or (word == "-" and _touch(tokens, index))):
            sign = -1
        elif not currency and word in _CURRENCIES:
            currency = _CURRENCIES[word]
        else:
            break
        index += 1
    return sign, currency, index


def _number(tokens: "Sequence[re.Match[str]]", words: Sequence[str], index: int) -> _Number | None:
    if index == len(tokens) or not tokens[index]["number"]:
        spelled = read_cardinal(words, index)
        return _Number(Decimal(spelled.value), spelled.end) if spelled else None
    digits, end = words[index], index + 1
    if len(digits) > _MOST_DIGITS:
        return None
    value = Decimal(
        digits.replace(".", "").replace(",", ".") if digits[-3:-2] == "," else digits.replace(",", "")
    )
    if end < len(words) and words[end] in SCALES:  # 3 million
        value, end = value * SCALES[words[end]], end + 1
    return _Number(value, end)


def _unit(words: Sequence[str]) -> str | None:
    """One key for what stands after a number; None where it changes the number."""
    if any(
        word in _NOT_ONE_NUMBER or not (word[0].isalpha() or word in _UNIT_SIGNS) or read_cardinal(words, i)
        for i, word in enumerate(words)
    ):
        return None
    if len(words) == 1:
        return _CURRENCIES.get(words[0]) or _UNIT_SIGNS.get(words[0]) or phrase_key(words[0])
    return phrase_key(" ".join(words)) if words else ""


def _touch(tokens: "Sequence[re.Match[str]]", index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index].end() == tokens[index + 1].start()


def _run_together(left: "re.Match[str]", right: "re.Match[str]") -> bool:
    """Whether a number touches letters that are no unit of it, as in `3rd`, `4k` and `b12`."""
    if left.end() != right.start():
        return False
    if left["word"] and right["number"]:
        return left[0] not in _CURRENCIES
    return bool(left["number"] and right["word"]) and right[0] not in _ATTACHED_UNITS | _CURRENCIES.keys()
