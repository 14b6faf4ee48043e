"""Keys taken out of whatever a server says, before anyone else reads it."""

import re

_LOOKS_LIKE_A_KEY = re.compile(r"(?i)\bbearer\s+[^\s\"',;]+|\bsk-[\w-]{6,}")


def scrub(text: str, key: str | None) -> str:
    """The text on one line, of at most 300 characters, with the key and all that looks like one as `***`."""
    if key:
        text = text.replace(key, "***")
    text = " ".join(_LOOKS_LIKE_A_KEY.sub("***", text).split())
    return text if len(text) <= 300 else text[:299] + "…"
