"""English forms: plurals, articles, numbers and ordinals in words, lists."""

import re
from collections.abc import Sequence

from vision_tools.phrases import singular as singular_word
from vision_tools.words import IRREGULAR_PLURALS

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
NUMBER_WORDS = {word: number for number, word in enumerate(_NUMBERS)}
ORDINAL_WORDS = {word: number for number, word in enumerate(_ORDINALS, 1)}

_PLURALS = {one: several for several, one in IRREGULAR_PLURALS.items()} | {"person": "people"}
_UNCHANGED = frozenset({
    "sheep", "fish", "deer", "scissors", "pants", "jeans", "shorts", "glasses", "sunglasses", "broccoli",
    "furniture", "text", "luggage", "equipment", "jewelry", "clothing", "food", "grass", "snow", "sand", "water",
})  # fmt: skip
_AFTER_THE_HEAD = re.compile(
    r"\s(?:of|with|without|in|on|at|under|over|above|below|near|next|behind|beside|between|inside|wearing|holding|"
    r"riding|sitting|standing|lying|made|that|which|who|for|from|to|by|facing|containing)\s"
)


def number(value: int) -> str:
    """`three`, or `23` from thirteen on."""
    return _NUMBERS[value] if 0 <= value < len(_NUMBERS) else str(value)


def ordinal(place: int) -> str:
    """`third`, or `23rd` from thirteenth on; `place` counts from 1."""
    if 1 <= place <= len(_ORDINALS):
        return _ORDINALS[place - 1]
    tail = {1: "st", 2: "nd", 3: "rd"}.get(place % 10 if place % 100 not in (11, 12, 13) else 0, "th")
    return f"{place}{tail}"


def decimal(value: float, digits: int = 2) -> str:
    """A measured number as it is said: `3`, `0.36`, `0.004`: as many decimals as tell two digits."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 100:
        return f"{value:.0f}"
    text = f"{value:.{digits}f}"
    while float(text) == 0 or (abs(value) < 0.1 and len(text.lstrip("-0.").rstrip("0")) < 2 and digits < 6):
        digits += 1
        if digits > 6:
            break
        text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".")


def singular(phrase: str) -> str:
    """The phrase with its noun in the singular: `red cubes` → `red cube`; without a leading article."""
    phrase = re.sub(r"^(?:a|an|the|any|some|all)\s+", "", " ".join(phrase.split()), flags=re.IGNORECASE)
    head, rest = _split(phrase)
    words = head.split(" ")
    if words[-1].lower() not in _UNCHANGED and words[-1].islower():
        words[-1] = singular_word(words[-1])
    return " ".join(words) + rest


def plural(phrase: str) -> str:
    """The phrase with its noun in the plural."""
    head, rest = _split(phrase)
    words = head.split(" ")
    words[-1] = _plural_word(words[-1])
    return " ".join(words) + rest


def counted(count: int, noun: str) -> str:
    """`three red cubes`, `one red cube`, `no red cubes`."""
    if count == 0:
        return f"no {plural(noun)}"
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def article(phrase: str) -> str:
    """`a cat`, `an apple`; nothing before plurals that have no singular."""
    word = phrase.split(" ", maxsplit=1)[0].lower()
    if _split(phrase)[0].split(" ")[-1].lower() in _UNCHANGED:
        return phrase
    vowel = word[:1] in "aeiou" and not re.match(r"(?:uni|use|one\b|euro)", word)
    return f"{'an' if vowel or word in ('hour', 'mp3') else 'a'} {phrase}"


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def _split(phrase: str) -> tuple[str, str]:
    """The noun with what stands before it, and what stands after it."""
    cut = _AFTER_THE_HEAD.search(phrase)
    return (phrase[: cut.start()], phrase[cut.start() :]) if cut else (phrase, "")


def _plural_word(word: str) -> str:
    lower = word.lower()
    if lower in _UNCHANGED:
        return word
    if lower in _PLURALS:
        return _PLURALS[lower]
    if re.search(r"[^aeiou]y$", lower):
        return word[:-1] + "ies"
    if re.search(r"(?:s|x|z|ch|sh)$", lower):
        return word + "es"
    return word + "s"
