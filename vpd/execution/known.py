"""What the tools are known to have answered about some images, read off traces; and the same in an altered world.

Everything is in the coordinates of programs: origin bottom left. An altered world answers a call as the tools
would if the image were so, as far as that follows from what they answered about the image as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

from vpd.execution.geometry import ProgramRegion, Size
from vpd.execution.protocol import PARAMETERS
from vpd.records import Json, Step

Place = tuple[int, int, int, int, int]
"""Image, left, lower, right, upper: a region without its category and confidence."""

Key = tuple[Any, ...]
"""Method, place, arguments. For `best_image_match` the sorted places of its patches stand in place of the place."""

FINDS = ("find", "find_text")
"""Methods that give regions."""

NOTHING: list[ProgramRegion] = []
"""What is found where nothing is. Always the same list, which is quick to tell; nobody may add to it."""


@dataclass(frozen=True, slots=True)
class Known:
    """Results by call. Regions in results are `ProgramRegion`s; the best patch of several is its `Place`.

    What `find` tells is not told of `exists` again.
    """

    sizes: tuple[Size, ...]
    results: Mapping[Key, Any]


class Called(NamedTuple):
    """A call of a trace that holds its arguments and its result whole."""

    step: int
    """Where it stands in the trace."""
    site: tuple[int, str]
    """Line and expression."""
    key: Key
    result: Any


def called(
    steps: Sequence[Step], sizes: tuple[Size, ...], places: Iterable[int] | None = None
) -> list[Called]:
    """The calls of a trace.

    Args:
        steps: of the trace, all or some.
        sizes: of the images.
        places: where in the trace they stand, if they are not all.
    """
    found: list[Called] = []
    for place, step in zip(range(len(steps)) if places is None else places, steps, strict=True):
        if step.kind == "call" and step.tool in PARAMETERS and step.error is None:
            key, result = _key(step, sizes), _result(step, sizes)
            if key is not None and result is not None:
                found.append(Called(place, (step.line, step.expression), key, result))
    return found


def known_results(calls: Iterable[Called], sizes: tuple[Size, ...]) -> Known:
    """What the calls of some traces on the same images were answered."""
    results: dict[Key, Any] = {call.key: call.result for call in calls}
    for (method, *rest), result in list(results.items()):
        if method == "exists" and result is False:
            results.setdefault(("find", *rest), NOTHING)
    return Known(sizes, results)


def _key(step: Step, sizes: tuple[Size, ...]) -> Key | None:
    """What a call is known by; None where the trace has shortened its arguments."""
    assert step.tool is not None
    arguments = cast("dict[str, Json]", step.arguments)
    values = [arguments.get(name) for name in PARAMETERS[step.tool]]
    if any(map(_shortened, values)):
        return None
    if step.tool == "best_image_match":
        patches = [_region(each, sizes)[:5] for each in cast("list[Json]", values[0])]
        return step.tool, tuple(sorted(patches)), tuple(cast("list[str]", values[1]))
    place = None
    if step.region is not None and step.image is not None:
        place = _place(step.image, step.region, sizes)
    return (step.tool, place, *(tuple(value) if isinstance(value, list) else value for value in values))


def _result(step: Step, sizes: tuple[Size, ...]) -> Any:
    """A call's result as the sandbox receives it (the best patch as its `Place`); None where it is not whole."""
    result = step.result
    if result is None or _shortened(result):
        return None
    if step.tool == "best_image_match":
        patches = cast("dict[str, list[Json]]", step.arguments)["list_patches"]
        return _region(patches[cast("int", result)], sizes)[:5]
    if isinstance(result, list):
        return [_region(each, sizes) for each in result] or NOTHING
    return result


def _speaks_of(words: str) -> Callable[[Any], bool]:
    """Tells whether some words, told as a pattern, stand in a text, or in one of several."""
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)

    @lru_cache(maxsize=16384)
    def speaks(value: Any) -> bool:
        if isinstance(value, str):
            return pattern.search(value) is not None
        return isinstance(value, tuple) and any(map(speaks, cast("tuple[Any, ...]", value)))

    return speaks


_names_a_side = _speaks_of("(?:left|right)(?:most|hand)?")
_names_a_height = _speaks_of(
    "above|below|over|under|beneath|underneath|top|bottom|upper|lower|up|down|highest|lowest|standing|lying|on"
)


def mirrored(known: Known) -> Known:
    """Left and right exchanged."""

    def move(place: Place) -> Place:
        image, left, lower, right, upper = place
        width = known.sizes[image][0]
        return image, width - right, lower, width - left, upper

    return _moved(known, move, _names_a_side)


def flipped(known: Known) -> Known:
    """Top and bottom exchanged."""

    def move(place: Place) -> Place:
        image, left, lower, right, upper = place
        height = known.sizes[image][1]
        return image, left, height - upper, right, height - lower

    return _moved(known, move, _names_a_height)


def _moved(known: Known, move: Callable[[Place], Place], unsure: Callable[[Any], bool]) -> Known:
    """Every region moved; calls whose texts `unsure` holds of are no longer known."""
    moved = cache(move)
    results: dict[Key, Any] = {}
    for key, result in known.results.items():
        method, place, arguments = key[0], key[1], key[2:]
        if unsure(arguments) or (isinstance(result, str) and unsure(result)):
            continue
        if method == "best_image_match":
            results[(method, tuple(sorted(map(moved, place))), *arguments)] = moved(result)
            continue
        where = (method, place and moved(place), *arguments)
        if method in FINDS and result:
            regions = cast("list[ProgramRegion]", result)
            found = [ProgramRegion(*moved(r[:5]), r.category, r.confidence) for r in regions]
            results[where] = sorted(found, key=from_left_to_right) if method == "find" else found
        else:
            results[where] = result
    return Known(known.sizes, results)


def from_left_to_right(region: ProgramRegion) -> tuple[int, int]:
    """The order in which things are found."""
    return region.left, -region.upper


def _place(image: int, box: Sequence[float], sizes: tuple[Size, ...]) -> Place:
    """A box whose origin is top left."""
    height = sizes[image][1]
    x1, y1, x2, y2 = box
    return image, int(x1), height - int(y2), int(x2), height - int(y1)


def _region(patch: Any, sizes: tuple[Size, ...]) -> ProgramRegion:
    """A patch of a trace."""
    place = _place(patch["image"], patch["box"], sizes)
    return ProgramRegion(*place, patch["category"], float(patch["confidence"]))


def _shortened(value: Json) -> bool:
    """Whether the trace holds only the beginning of a value."""
    last = value[-1] if isinstance(value, list) and value else value
    if not isinstance(last, str):
        return False
    return last.startswith("… ") if isinstance(value, list) else last.endswith("…")
