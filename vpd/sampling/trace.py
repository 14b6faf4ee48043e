"""What a program's tools reported, in the notation of the program itself."""

import json
from collections.abc import Sequence

from vpd.records import ImageFile, Json, Step

_CHARS_SHOWN = 200


def trace_lines(steps: Sequence[Step], images: Sequence[ImageFile]) -> list[str]:
    """The tool calls, one line each: `LINE: EXPRESSION → RESULT`.

    Patches are written as programs print them, `ImagePatch(left, lower, right, upper)`, with the origin at the
    bottom left; lines of text with their text, frames of a video by their index.
    """
    return [_line(step, images) for step in steps if step.kind == "call"]


def _line(step: Step, images: Sequence[ImageFile]) -> str:
    result = f"failed: {step.error}" if step.error else _value(_returned(step), step.tool, images)
    return f"{step.line}: {_short(step.expression)} → {_short(result)}"


def _returned(step: Step) -> Json:
    """What the program received: for the best of several patches that patch, not its index."""
    patches = step.arguments.get("list_patches") if isinstance(step.arguments, dict) else None
    if isinstance(patches, list) and isinstance(step.result, int) and step.result < len(patches):
        return patches[step.result]
    return step.result


def _value(value: Json, tool: str | None, images: Sequence[ImageFile]) -> str:
    match value:
        case list():
            return f"[{', '.join(_value(each, tool, images) for each in value)}]"
        case {"image": int(image), "box": [x1, y1, x2, y2], "category": str(category)}:
            if tool == "select_frames":
                return f"frame {image}"
            height = images[image].height
            text = f", {_quoted(category)}" if tool == "find_text" else ""
            return f"ImagePatch({x1}, {height - _number(y2)}, {x2}, {height - _number(y1)}{text})"
        case str():
            return _quoted(value)
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)


def _number(value: Json) -> int:
    assert isinstance(value, int)
    return value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= _CHARS_SHOWN else text[: _CHARS_SHOWN - 1] + "…"
