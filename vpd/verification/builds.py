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

    def plain(found: re.Match[str]) -> str:
        match found.lastgroup:
            case "name":
                name = found[0]
                return name if name in _FIXED else names.setdefault(name, f"v{len(names)}")
            case "text":
                return texts.setdefault(found[0], f"<{len(texts)}:{_about(found[0], asked)}>")
            case "attribute":
                return found[0]
            case _:
                return ""

    told = _TOKEN.sub(plain, _HINT.sub("", program))
    lines = (line.rstrip() for line in told.splitlines())
    return hashlib.blake2b("\n".join(filter(None, lines)).encode(), digest_size=8).hexdigest()


def _about(text: str, asked: frozenset[str]) -> str:
    bare = text.strip("rbfuRBFU").strip("\"'").lower()
    if bare in _ANSWERS:
        return bare
    words = terms(bare)
    return f"{len(words & asked)} {len(words - asked)}"
