"""How a program is built, whatever it is about: programs for other questions are precedents of one built alike."""

import builtins
import hashlib
import keyword
import re

from vpd.verification.terms import terms

_TOKEN = re.compile(
    r"(?P<comment>#[^\n]*)"
    r"|(?P<text>[rbfuRBFU]{0,2}(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))"
    r"|(?P<attribute>\.\s*[^\W\d]\w*)"
    r"|(?P<name>[^\W\d]\w*)"
)
_HINT = re.compile(r"(?<=\))\s*->[^:\n]+(?=:)")
_FIXED = frozenset(
    {*keyword.kwlist, *dir(builtins), "ImagePatch", "VideoSegment", "bool_to_yesno", "math", "re"}
)
_ANSWERS = frozenset({"yes", "no", "true", "false", ""})


def build(program: str, asked: frozenset[str]) -> str:
    """A digest that is equal for programs that differ in names, comments, and what they look for.

    Of a text only that is kept how many of its terms the question has, and how many not, and whether it is the same
    as an earlier one.

    Args:
        program: its text.
        asked: the terms of its question.
    """
    names: dict[str, str] = {}
    texts: dict[str, str] = {}
    # What stands between tokens, and after it the four groups of the next token.
    parts = iter(_TOKEN.split(_HINT.sub("", program)))
    told = [next(parts)]
    for _, text, attribute, name, between in zip(parts, parts, parts, parts, parts, strict=True):
        if name is not None:
            if name not in _FIXED and name not in names:
                names[name] = f"v{len(names)}"
            told.append(names.get(name, name))
        elif text is not None:
            if text not in texts:
                texts[text] = f"<{len(texts)}:{_about(text, asked)}>"
            told.append(texts[text])
        elif attribute is not None:
            told.append(attribute)
        told.append(between)
    lines = (line.rstrip() for line in "".join(told).splitlines())
    return hashlib.blake2b("\n".join(filter(None, lines)).encode(), digest_size=8).hexdigest()


def _about(text: str, asked: frozenset[str]) -> str:
    bare = text.strip("rbfuRBFU").strip("\"'").lower()
    if bare in _ANSWERS:
        return bare
    words = terms(bare)
    return f"{len(words & asked)} {len(words - asked)}"
