"""Object names as text prompts of open-vocabulary models."""

import re

from vision_tools.errors import ToolError


def noun_prompt(name: str) -> str:
    """A name in lower case, on one line, without the full stops that separate names in a prompt.

    Raises:
        ToolError: nothing is left to look for.
    """
    words = re.sub(r"[.\s]+", " ", name).strip().lower()
    if not words:
        raise ToolError(f"{name!r} names nothing that could be found")
    return words
