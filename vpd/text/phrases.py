"""One key for every way to write a phrase: `The cable`, `cables.` and `CABLES` share theirs."""

import re
import unicodedata

from vision_tools.phrases import singular
from vpd.text.bare import bare
from vpd.text.number_words import SCALES, read_cardinal

_ARTICLE = re.compile(rf"(?<!\S)(?:an|the|a(?! (?:{'|'.join(SCALES)})\b)) (?=\S)")
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


def phrase_key(text: str) -> str:
    """Equal for phrases that differ only in case, punctuation, spaces, articles, plurals or number words.

    Spaces do not count (`fish tank`, `fishtank`), since text readers lose them; between numbers they do.
    Apostrophes do not count either. Empty only where nothing can be seen.
    """
    plain = _ARTICLE.sub("", bare(text))
    words = _digits_for_words(_words(plain))
    if plain not in _NO_PLURALS:
        words = [singular(_SPELLINGS.get(word, word)) for word in words]
    key = ""
    for word in words:
        key += " " + word if key[-1:].isdecimal() and word[0].isdecimal() else word
    return key or plain


def _words(plain: str) -> list[str]:
    joined = plain.replace("'", "").replace("&", " and ")
    # Without its full stops `s.a.` is one word; without its comma `red,white` is two.
    joined = _OUTSIDE_NUMBER.sub(lambda sign: "" if sign[0] == "." else " ", joined)
    words = _NUMBER_OR_WORD.findall("".join(map(_letter_or_space, joined)))
    return [word.replace(",", "") if _THOUSANDS.fullmatch(word) else word for word in words]


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
