"""Whether a short answer says yes or no."""

import re

from vpd.text.bare import bare

_YES = ("yes", "yeah", "yep", "yup")
_NO = ("no", "nope", "nah")
YES_NO_WORDS = (*_YES, "true", "correct", *_NO, "false", "incorrect")
_OUTRIGHT = re.compile(rf"({'|'.join(YES_NO_WORDS)})\b(.*)", re.DOTALL)
_STATEMENT = re.compile(
    r"(?:(?:it|that|this|(?:(?:the|this) )?statement)(?: is|'s|(?= isn't)) ?)?"
    r"(not |isn't )?(true|correct|false|incorrect)"
)
_GOES_ON = re.compile(
    r"\s*[.,;:!](?!\s*\d)|\s+-\s|\s+(?:it|he|she|they|we|you|i|there|this|that|these|those|the|not|because|since)\b"
)
"""What may follow a `no`: a sentence, but no noun that it denies (`no parking`) and no number (`No. 5`)."""
_DOUBT = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|unsure|unclear|unknown|not sure|don't know|can't tell)\b"
)


def read_yes_no(text: str) -> bool | None:
    """True for yes, False for no, None for anything else.

    `Yes, it is`, `true` and `The statement is not correct` are read; `no one`, `no parking`, `yes or no`,
    `yes, but maybe not`, `yes and no`, `not sure`, `1` and `0` are neither.
    """
    plain = bare(text)
    if statement := _STATEMENT.fullmatch(plain):
        return (statement[2] in ("true", "correct")) != bool(statement[1])
    outright = _OUTRIGHT.fullmatch(plain)
    if outright is None:
        return None
    said, rest = outright[1] in (*_YES, "true", "correct"), outright[2]
    if rest and outright[1] not in _YES and not _GOES_ON.match(rest):
        return None
    contrary = _NO if said else _YES
    if _DOUBT.search(rest) or any(re.search(rf"\b{word}\b", rest) for word in contrary):
        return None
    return said
