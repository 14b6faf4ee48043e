"""What the tools are known to have answered about some images, read off traces; and the same in an altered world.

Everything is in the coordinates of programs: origin bottom left. An altered world answers a call as the tools
would if the image were so, as far as that follows from what they answered about the image as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from vpd.execution.calls import Patch
from vpd.execution.geometry import ProgramRegion, Size, to_region
from vpd.execution.protocol import PARAMETERS
from vpd.records import Json, Step

Place = tuple[int, int, int, int, int]
"""Image, left, lower, right, upper: a region without its category and confidence."""

Key = tuple[Any, ...]
"""Method, place, arguments. For `best_image_match` the sorted places of its patches stand in place of the place."""

FINDS = ("find", "find_text")
"""Methods that give regions."""

_NAMES_A_SIDE = re.compile(r"\b(?:left|right)(?:most|hand)?\b", re.IGNORECASE)
_NAMES_A_HEIGHT = re.compile(
    r"\b(?:above|below|over|under|beneath|underneath|top|bottom|upper|lower|up|down|highest|lowest|standing|lying|on)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Known:
    """Results by call. Regions in results are `ProgramRegion`s; the best patch of several is its `Place`."""

    sizes: tuple[Size, ...]
    results: Mapping[Key, Any]


def known_results(steps: Iterable[Step], sizes: tuple[Size, ...]) -> Known:
    """What the calls of some traces on the same images were answered, where the trace holds it whole."""
    results: dict[Key, Any] = {}
    for step in steps:
        if step.kind == "call" and step.tool in PARAMETERS and step.error is None:
            key = call_key(step, sizes)
            result = call_result(step, sizes)
            if key is not None and result is not None:
                results[key] = result
    for (method, *rest), result in list(results.items()):
        if method == "exists" and result is False:
            results.setdefault(("find", *rest), [])
    return completed(Known(sizes, results))


def call_key(step: Step, sizes: tuple[Size, ...]) -> Key | None:
    """What a call is known by; None where the trace has shortened its arguments."""
    assert step.tool is not None
    arguments = cast("dict[str, Json]", step.arguments)
    values = [arguments.get(name) for name in PARAMETERS[step.tool]]
    if any(_shortened(value) for value in values):
        return None
    if step.tool == "best_image_match":
        patches = [_place(_region(each, sizes)) for each in cast("list[Json]", values[0])]
        return step.tool, tuple(sorted(patches)), tuple(cast("list[str]", values[1]))
    place = None
    if step.region is not None and step.image is not None:
        x1, y1, x2, y2 = (int(edge) for edge in step.region)
        place = _place(to_region(Patch(step.image, (x1, y1, x2, y2)), sizes))
    return (step.tool, place, *(tuple(value) if isinstance(value, list) else value for value in values))


def call_result(step: Step, sizes: tuple[Size, ...]) -> Any:
    """A call's result as the sandbox receives it (the best patch as its `Place`); None where it is not whole."""
    result = step.result
    if result is None or _shortened(result):
        return None
    if step.tool == "best_image_match":
        patches = cast("dict[str, list[Json]]", step.arguments)["list_patches"]
        return _place(_region(patches[cast("int", result)], sizes))
    if isinstance(result, list):
        return [_region(each, sizes) for each in result]
    return result


def mirrored(known: Known) -> Known:
    """Left and right exchanged."""

    def move(region: ProgramRegion) -> ProgramRegion:
        width = known.sizes[region.image][0]
        return region._replace(left=width - region.right, right=width - region.left)

    return _moved(known, move, _NAMES_A_SIDE)


def flipped(known: Known) -> Known:
    """Top and bottom exchanged."""

    def move(region: ProgramRegion) -> ProgramRegion:
        height = known.sizes[region.image][1]
        return region._replace(lower=height - region.upper, upper=height - region.lower)

    return _moved(known, move, _NAMES_A_HEIGHT)


def _moved(known: Known, move: Callable[[ProgramRegion], ProgramRegion], unsure: re.Pattern[str]) -> Known:
    """Every region moved; calls whose texts match `unsure` are no longer known."""

    @cache
    def moved(region: ProgramRegion) -> ProgramRegion:
        return move(region)

    def moved_place(place: Place | None) -> Place | None:
        return None if place is None else _place(moved(ProgramRegion(*place, "", 1.0)))

    results: dict[Key, Any] = {}
    for (method, where, *arguments), result in known.results.items():
        if unsure and any(unsure.search(text) for text in _texts([*arguments, result])):
            continue
        if method == "best_image_match":
            places = tuple(sorted(cast("Place", moved_place(place)) for place in where))
            results[method, places, *arguments] = moved_place(result)
        elif method in FINDS:
            found = [moved(each) for each in result]
            if method == "find":
                found.sort(key=lambda region: (region.left, -region.upper))
            results[method, moved_place(where), *arguments] = found
        else:
            results[method, moved_place(where), *arguments] = result
    return Known(known.sizes, results)


def completed(known: Known) -> Known:
    """What `find` tells, told of `exists` too."""
    exists = {
        ("exists", *rest): bool(result)
        for (method, *rest), result in known.results.items()
        if method == "find"
    }
    return Known(known.sizes, {**known.results, **exists})


def _texts(values: Sequence[Any]) -> list[str]:
    texts: list[str] = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, tuple):
            texts.extend(each for each in cast("tuple[Any, ...]", value) if isinstance(each, str))
    return texts


def _place(region: ProgramRegion) -> Place:
    return region[:5]


def _region(patch: Json, sizes: tuple[Size, ...]) -> ProgramRegion:
    """A patch of a trace."""
    value = cast("dict[str, Any]", patch)
    x1, y1, x2, y2 = (int(edge) for edge in value["box"])
    return to_region(
        Patch(value["image"], (x1, y1, x2, y2), value["category"], float(value["confidence"])), sizes
    )


def _shortened(value: Json) -> bool:
    """Whether the trace holds only the beginning of a value."""
    last = value[-1] if isinstance(value, list) and value else value
    if not isinstance(last, str):
        return False
    return last.startswith("… ") if isinstance(value, list) else last.endswith("…")
