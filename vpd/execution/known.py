"""What the tools are known to have answered about some images, read off traces; and the same in an altered world.

Everything is in the coordinates of programs: origin bottom left. An altered world answers a call as the tools
would if the image were so, as far as that follows from what they answered about the image as it is.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from vpd.execution.calls import Patch
from vpd.execution.geometry import ProgramRegion, Size, to_region
from vpd.execution.protocol import PARAMETERS
from vpd.records import Json, Step

Place = tuple[int, int, int, int, int]
"""Image, left, lower, right, upper: a region without its category and confidence."""

Key = tuple[Any, ...]
"""Method, place, arguments. For `best_image_match` the sorted places of its patches stand in place of the place."""

_FINDS = ("find", "find_text")
_NAMES_A_SIDE = re.compile(r"\b(?:left|right)(?:most|hand)?\b", re.IGNORECASE)
_NAMES_A_HEIGHT = re.compile(
    r"\b(?:above|below|over|under|beneath|underneath|top|bottom|upper|lower|up|down|highest|lowest|standing|lying|on)\b",
    re.IGNORECASE,
)
_SAME = 0.5
"""Intersection over union from which two boxes are taken to be of one object."""


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


def objects(known: Known) -> list[Place]:
    """The things that were found, each once: those that were found most often first."""
    found: dict[Place, int] = {}
    for (method, *_), result in known.results.items():
        for region in result if method in _FINDS else ():
            same = next((place for place in found if overlap(place, _place(region)) >= _SAME), _place(region))
            found[same] = found.get(same, 0) + 1
    return sorted(found, key=lambda place: (-found[place], place))


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


def without(known: Known, gone: Collection[Place]) -> Known:
    """Some objects taken away. Of a region in which one stood nothing but the other objects is known."""
    results: dict[Key, Any] = {}
    for key, result in known.results.items():
        if key[0] in _FINDS:
            results[key] = [each for each in result if not _is_any(_place(each), gone)]
        elif key[0] == "exists":
            if result is False:
                results[key] = False
        elif not any(_holds(place, thing) for place in _places(key) for thing in gone):
            results[key] = result
    return completed(Known(known.sizes, results))


def _is_any(place: Place, things: Collection[Place]) -> bool:
    return any(overlap(place, thing) >= _SAME for thing in things)


def overlap(a: Place, b: Place) -> float:
    """Intersection over union; 0 in different images."""
    if a[0] != b[0]:
        return 0.0
    across = min(a[3], b[3]) - max(a[1], b[1])
    along = min(a[4], b[4]) - max(a[2], b[2])
    if across <= 0 or along <= 0:
        return 0.0
    shared = across * along
    return shared / ((a[3] - a[1]) * (a[4] - a[2]) + (b[3] - b[1]) * (b[4] - b[2]) - shared)


def _moved(known: Known, move: Callable[[ProgramRegion], ProgramRegion], unsure: re.Pattern[str]) -> Known:
    """Every region moved; calls whose texts match `unsure` are no longer known."""

    def moved_place(place: Place | None) -> Place | None:
        return None if place is None else _place(move(ProgramRegion(*place, "", 1.0)))

    results: dict[Key, Any] = {}
    for (method, where, *arguments), result in known.results.items():
        if unsure and any(unsure.search(text) for text in _texts([*arguments, result])):
            continue
        if method == "best_image_match":
            places = tuple(sorted(cast("Place", moved_place(place)) for place in where))
            results[method, places, *arguments] = moved_place(result)
        elif method in _FINDS:
            found = [move(each) for each in result]
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


def _places(key: Key) -> tuple[Place, ...]:
    """The regions that a call looked at."""
    if key[0] == "best_image_match":
        return key[1]
    return () if key[1] is None else (key[1],)


def _holds(place: Place, thing: Place) -> bool:
    """Whether the middle of a thing lies in a region."""
    across, along = (thing[1] + thing[3]) / 2, (thing[2] + thing[4]) / 2
    return place[0] == thing[0] and place[1] <= across <= place[3] and place[2] <= along <= place[4]


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
