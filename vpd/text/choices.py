"""Which option of a multiple-choice question an answer picks, by letter or by text."""

import re
from collections.abc import Sequence

from vpd.text.bare import bare
from vpd.text.same import same_text

_LETTER = re.compile(r"(?:(?:option|choice)\s+)?[(\[]?([a-z])(?:[.):\],]+|$)\s*(.*)", re.DOTALL)
_AND_OR = re.compile(r"(?:and|or)\b")


def read_choice(text: str, choices: Sequence[str]) -> int | None:
    """The index of the option a text picks; None if it picks none, or if its letter and its text disagree.

    `B`, `(b)`, `B. red`, `option B` and `red` are read. A number is never a position, since options may be
    numbers. Where the options are not known (`choices` is empty), only letters are read.
    """
    by_text = _by_text(text, choices)
    found = _LETTER.fullmatch(bare(text))
    if found is None or (found[2] and by_text is not None):
        return by_text
    letter, rest = ord(found[1]) - ord("a"), found[2]
    if rest:
        by_text = _by_text(rest, choices)
    if (choices and letter >= len(choices)) or _names_another(rest, letter):
        return None
    return letter if by_text in (None, letter) else None


def _by_text(text: str, choices: Sequence[str]) -> int | None:
    plain = bare(text)
    exact = [i for i, choice in enumerate(choices) if bare(choice) == plain]
    found = exact or [i for i, choice in enumerate(choices) if same_text(choice, text)]
    return found[0] if len(found) == 1 else None


def _names_another(rest: str, letter: int) -> bool:
    """Whether a second letter or option follows a letter, as in `(A) or (B)` and `A, B`."""
    other = _LETTER.fullmatch(rest)
    return _AND_OR.match(rest) is not None or (other is not None and ord(other[1]) - ord("a") != letter)
