"""JSON values of a trace → what a page shows: text as Python would print it, with its patches as boxes.

The text is made here, where `3` and `3.0`, large integers and NaN are still distinct, and not in the browser.
"""

import math
import re
from collections.abc import Iterator, Sequence

from vpd.records import Box, Json

Patch = list[int | float | str]
"""`[image, x1, y1, x2, y2, label]`."""

Shown = str | list[str | Patch]
"""Text, or text with patches in between."""

_DEEPEST = 32
_PATCH_KEYS = frozenset({"image", "box", "category", "confidence"})

# Control characters, and the marks that make text look like other text than it is (Unicode TR #36):
# bidirectional embeddings and isolates, line separators, zero-width spaces, byte order marks, tags.
# Joiners stay: scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """Text with its invisible and direction-changing characters written out, e.g. `⟨U+202E⟩`."""
    return _INVISIBLE.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def shown(value: Json, image: int | None = None) -> Shown:
    """A value as Python would print it.

    Args:
        value: any value of a trace.
        image: the image of a patch that names none.
    """
    parts: list[str | Patch] = []
    for part in _parts(value, image or 0, 0):
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return parts


def arguments(value: Json, image: int | None = None) -> Shown:
    """A call's arguments by name, e.g. `object_name='dog'`."""
    if not isinstance(value, dict):
        return "" if value is None else shown(value, image)
    parts: list[str | Patch] = []
    for name, argument in value.items():
        parts.append(f"{', ' if parts else ''}{visible(name)}=")
        text = shown(argument, image)
        parts.extend([text] if isinstance(text, str) else text)
    return parts


def box(value: Json | Box) -> list[int | float] | None:
    """`[x1, y1, x2, y2]` in pixels to a tenth, if the value is a box."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 4:
        return None
    numbers: list[int | float] = []
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            return None
        numbers.append(int(number) if number == int(number) else round(number, 1))
    return numbers


def _parts(value: Json, image: int, depth: int) -> Iterator[str | Patch]:
    if depth > _DEEPEST:
        yield "…"
    elif isinstance(value, list):
        yield "["
        for position, item in enumerate(value):
            if position:
                yield ", "
            yield from _parts(item, image, depth + 1)
        yield "]"
    elif isinstance(value, dict):
        patch = _patch(value, image)
        if patch is not None:
            yield patch
        else:
            yield from _dict_parts(value, image, depth)
    else:
        # `repr` escapes what cannot be seen.
        yield repr(value)


def _dict_parts(value: dict[str, Json], image: int, depth: int) -> Iterator[str | Patch]:
    yield "{"
    for position, (key, item) in enumerate(value.items()):
        yield f"{', ' if position else ''}{key!r}: "
        yield from _parts(item, image, depth + 1)
    yield "}"


def _patch(value: dict[str, Json], image: int) -> Patch | None:
    corners = box(value.get("box"))
    if corners is None or not value.keys() <= _PATCH_KEYS:
        return None
    number = value.get("image")
    number = number if isinstance(number, int) and not isinstance(number, bool) else image
    category, confidence = value.get("category"), value.get("confidence")
    label = visible(category) if isinstance(category, str) else ""
    # A whole image and a crop have no category, and a confidence that says nothing.
    if label and isinstance(confidence, int | float) and not isinstance(confidence, bool):
        label += f" {confidence:.2f}"
    return [number, *corners, label]
