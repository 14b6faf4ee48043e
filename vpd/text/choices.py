"""Which option of a multiple-choice question an answer picks, by letter or by text."""

import re
from collections.abc import Sequence

from vpd.text.bare import bare
from vpd.text.same import same_text

_LETTER = re.compile(r"(?:(?:option|choice)\s+)?[(\[]?([a-z])(?:[.):\],]+|$)\s*(.*)", re.DOTALL)


def read_choice(text: str, choices: Sequence[str]) -> int | None:
    """The index of the option a text picks; None if it picks none, or if its letter and its text disagree.

    `B`, `(b)`, `B. red`, `option B` and `red` are read. A number is never a position, since options may be
    numbers. Where the options are not known (`choices` is empty), only letters are read.
    """
    plain = bare(text)
    if not plain:
        return None
    picked = {_by_text(text, choices)}
    if found := _LETTER.fullmatch(plain):
        letter, rest = ord(found[1]) - ord("a"), found[2]
        if (choices and letter >= len(choices)) or (rest and _hesitates(rest, letter, choices)):
            return None
        picked |= {letter, _by_text(rest, choices)}
    picked.discard(None)
    return picked.pop() if len(picked) == 1 else None


def _by_text(text: str, choices: Sequence[str]) -> int | None:
    plain = bare(text)
    exact = [i for i, choice in enumerate(choices) if bare(choice) == plain]
    found = exact or [i for i, choice in enumerate(choices) if same_text(choice, text)]
    return found[0] if len(found) == 1 else None


def _hesitates(rest: str, letter: int, choices: Sequence[str]) -> bool:
    """Whether what follows a letter names another one, as in `(A) or (B)` and `A, B`."""
    other = _LETTER.fullmatch(re.sub(r"^(?:or|and)\b\s*", "", rest))
    return bool(re.match(r"(?:or|and)\b", rest)) or (other is not None and ord(other[1]) - ord("a") != letter)
