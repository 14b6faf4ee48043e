"""Phrases that differ only in how they are written: `The cable`, `cables.` and `CABLES`."""

import re
import unicodedata

from vision_tools.phrases import singular
from vpd.text.bare import bare
from vpd.text.number_words import SCALES, read_cardinal

_ARTICLE = re.compile(rf"(?<![\w/'-])(?:an|the|a(?! (?:{'|'.join(SCALES)})\b)) (?=\S)")
_SPELLINGS = {
    "grey": "gray", "colour": "color", "coloured": "colored", "centre": "center", "theatre": "theater",
    "doughnut": "donut", "aeroplane": "airplane", "tyre": "tire", "moustache": "mustache", "metre": "meter",
    "litre": "liter",
}  # fmt: skip
_NO_PLURALS = {"glasses", "shorts", "news", "woods", "goods"}
"""Said alone, these are other things than `glass`, `short`, `new`, `wood` and `good`."""

_NUMBER_OR_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\d\s]+")
_OUTSIDE_NUMBER = re.compile(r"(?<!\d)[.,]|[.,](?!\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def same_phrase(a: str, b: str) -> bool:
    """Whether two phrases differ only in what `phrase_key` leaves out, or letter by letter only in spaces.

    `SPEED MART S/B` and `SPEEDMARTS/B` are the same although their words have other singulars.
    """
    return phrase_key(a) == phrase_key(b) or _key(_plain_words(a)) == _key(_plain_words(b))


def phrase_key(text: str) -> str:
    """Equal for phrases that differ only in case, punctuation, spaces, articles, plurals or number words.

    Spaces do not count (`fish tank`, `fishtank`), since text readers lose them; between numbers they do.
    Apostrophes do not count either. Empty only where nothing can be seen.
    """
    words = _plain_words(text)
    if len(words) != 1 or words[0] not in _NO_PLURALS:
        words = [singular(_SPELLINGS.get(word, word)) for word in words]
    return _key(words)


def _key(words: list[str]) -> str:
    key = ""
    for word in words:
        key += " " + word if key[-1:].isdecimal() and word[0].isdecimal() else word
    return key


def _plain_words(text: str) -> list[str]:
    """Lower case, numbers as digits; a text without letters and digits is one word."""
    plain = _ARTICLE.sub("", bare(text))
    joined = plain.replace("'", "").replace("&", " and ")
    # Without its full stops `s.a.` is one word; without its comma `red,white` is two.
    joined = _OUTSIDE_NUMBER.sub(lambda sign: "" if sign[0] == "." else " ", joined)
    words = _NUMBER_OR_WORD.findall("".join(map(_letter_or_space, joined)))
    words = [word.replace(",", "") if _THOUSANDS.fullmatch(word) else word for word in words]
    return _digits_for_words(words) or ([plain] if plain else [])


def _letter_or_space(character: str) -> str:
    """Combining marks count as letters: the scripts that have them cannot be read without."""
    return character if character in ".," or unicodedata.category(character)[0] in "LMN" else " "


def _digits_for_words(words: list[str]) -> list[str]:
    result: list[str] = []
    index = 0
    while index < len(words):
        number = read_cardinal(words, index)
        result.append(str(number.value) if number else words[index])
        index = number.end if number else index + 1
    return result
