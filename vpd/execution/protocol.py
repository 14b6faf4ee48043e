"""What crosses the sandbox's wall: calls and values out, tool results in. Nothing that comes out is trusted."""

import math
import reprlib
from typing import Any, cast

from vpd.execution.calls import ApiCall, ApiValue, Patch, ToolFailure
from vpd.execution.geometry import ProgramRegion, Size, to_patch, to_region
from vpd.records import Json

PARAMETERS: dict[str, tuple[str, ...]] = {
    "find": ("object_name",),
    "exists": ("object_name",),
    "verify_property": ("object_name", "visual_property"),
    "best_text_match": ("option_list", "prefix"),
    "simple_query": ("question",),
    "read_text": (),
    "find_text": ("text",),
    "compute_depth": (),
    "llm_query": ("query", "context", "long_answer"),
    "best_image_match": ("list_patches", "content"),
    "select_frames": ("description", "count", "start", "end"),
}
"""The calls that leave the sandbox, with the names of their arguments in `ApiCall.arguments`."""

_TEXT_CHARS = 1_000_000
"""The longest text that a tool may answer."""

Encoded = Any
"""A value as `_vpd_encode` of the prelude sends it."""


class Forged(Exception):
    """The sandbox sent what its own prelude never sends: the program got hold of the prelude's functions."""


def read_call(method: object, region: object, arguments: object, sizes: tuple[Size, ...]) -> ApiCall:
    """The call that the prelude sent.

    Raises:
        Forged: it is none.
    """
    names = PARAMETERS.get(method) if isinstance(method, str) else None
    if names is None or not isinstance(arguments, tuple) or len(arguments) != len(names):
        raise Forged
    patch = None if region is None else _patch(region, sizes)
    values = dict(zip(names, arguments, strict=True))
    if method == "best_image_match":
        values["list_patches"] = [_patch(each, sizes) for each in values["list_patches"]]
    return ApiCall(cast("str", method), patch, values)


def _patch(region: object, sizes: tuple[Size, ...]) -> Patch:
    match region:
        case (int(image), int(left), int(lower), int(right), int(upper), str(category), float(confidence)):
            found = ProgramRegion(image, left, lower, right, upper, category, confidence)
            if 0 <= image < len(sizes) and _within(patch := to_patch(found, sizes), sizes):
                return patch
        case _:
            pass
    raise Forged


def read_result(call: ApiCall, result: ApiValue, sizes: tuple[Size, ...]) -> object:
    """A tool's result as the prelude expects it.

    Raises:
        ToolFailure: it is not what the method returns.
    """
    match call.method, result:
        case "find" | "find_text" | "select_frames", list():
            if all(isinstance(each, Patch) and _is_sound(each, sizes) for each in result):
                return [tuple(to_region(cast("Patch", each), sizes)) for each in result]
        case "exists" | "verify_property", bool():
            return result
        case "best_text_match", str() if result in cast("list[str]", call.arguments["option_list"]):
            return result
        case "simple_query" | "read_text" | "llm_query", str() if _is_text(result):
            return result
        case "compute_depth", int() | float() if not isinstance(result, bool) and abs(result) < 1e300:
            return float(result)
        case "best_image_match", int() if not isinstance(result, bool):
            if 0 <= result < len(cast("list[Patch]", call.arguments["list_patches"])):
                return result
        case _:
            pass
    raise ToolFailure(f"{call.method} was answered with nonsense: {reprlib.repr(result)}")


def _is_sound(patch: Patch, sizes: tuple[Size, ...]) -> bool:
    """Whether a tool's patch is a region of an image, as programs can receive it."""
    confidence = cast("object", patch.confidence)
    is_number = isinstance(confidence, float | int) and abs(confidence) < 1e300
    return is_number and _within(patch, sizes) and _is_text(patch.category)


def _within(patch: Patch, sizes: tuple[Size, ...]) -> bool:
    if not 0 <= patch.image < len(sizes):
        return False
    x1, y1, x2, y2 = patch.box
    width, height = sizes[patch.image]
    return all(type(edge) is int for edge in patch.box) and 0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height


def _is_text(text: object) -> bool:
    """Whether it is text that the worker can hold: lone surrogates are none."""
    return isinstance(text, str) and len(text) <= _TEXT_CHARS and clean(text) == text


def clean(text: str) -> str:
    """The text with a question mark for each lone surrogate, which no file or worker can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def patch_json(patch: Patch) -> Json:
    """A patch as it stands in a trace."""
    box: list[Json] = list(patch.box)
    return {"image": patch.image, "box": box, "category": patch.category, "confidence": patch.confidence}


def result_json(result: ApiValue) -> Json:
    if isinstance(result, Patch):
        return patch_json(result)
    if isinstance(result, list):
        return [patch_json(each) if isinstance(each, Patch) else each for each in result]
    return result


def value_json(encoded: Encoded, sizes: tuple[Size, ...]) -> Json:
    """A value that the program held, as JSON.

    Raises:
        Forged: the prelude sends no such thing.
    """
    match encoded:
        case None | bool() | str():
            return encoded
        case int():
            # Beyond what JSON readers hold exactly, and beyond what may be turned into digits at all.
            if encoded.bit_length() <= 53:
                return encoded
            return str(encoded) if encoded.bit_length() <= 512 else "a number too large to write"
        case float():
            return encoded if math.isfinite(encoded) else str(encoded)
        case (str(kind),):
            return f"<{kind}>"
        case ("list", list(items), int(length)):
            some = [value_json(item, sizes) for item in items]
            return some if length == len(some) else [*some, f"… {length - len(some)} more"]
        case ("dict", list(items), int(length)):
            some = {str(value_json(key, sizes)): value_json(value, sizes) for key, value in items}
            return some if length == len(items) else {**some, "…": f"{length - len(items)} more"}
        case (int(), *_):
            return patch_json(_patch(encoded, sizes))
        case _:
            raise Forged
