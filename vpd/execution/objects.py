"""The things that were found in some images, and the same images without some of them."""

from collections.abc import Collection, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from vpd.execution.geometry import ProgramRegion
from vpd.execution.known import FINDS, NOTHING, Key, Known, Place

_SAME = 0.5
"""Intersection over union from which two boxes are taken to be of one object."""


class _Find(NamedTuple):
    """A call that finds, and for each region that it found the things that this is, as bits."""

    key: Key
    regions: Sequence[ProgramRegion]
    things: Sequence[int]
    all_things: int
    left: dict[int, Sequence[ProgramRegion]]
    """What it finds without some of these things: worlds that miss the same share it."""


class Objects:
    """The things of some images, by their places."""

    def __init__(self, known: Known) -> None:
        self._sizes = known.sizes
        self.places = _objects(known)
        """Each thing once: those that were found most often first."""
        self._finds: list[_Find] = []
        self._others: list[tuple[Key, Any, int]] = []
        """Key, result, and the things whose middle stands in a region that the call looked at."""
        self._nothing: list[Key] = []
        """Of `exists` that told that there is none."""
        # Regions and calls share their places.
        same, held = cache(self._same), cache(self._held)
        for key, result in known.results.items():
            if key[0] in FINDS:
                things = [same(region[:5]) for region in result]
                self._finds.append(_Find(key, result, things, reduce(or_, things, 0), {0: result}))
            elif key[0] != "exists":
                things = 0
                for place in _places(key):
                    things |= held(place)
                self._others.append((key, result, things))
            elif result is False:
                self._nothing.append(key)

    def without(self, gone: Collection[Place]) -> Known:
        """Some things taken away. Of a region in which one stood nothing but the other things is known."""
        missing = sum(1 << number for number, place in enumerate(self.places) if place in gone)
        results: dict[Key, Any] = dict.fromkeys(self._nothing, False)
        for key, regions, things, all_things, left in self._finds:
            lost = all_things & missing
            if lost not in left:
                left[lost] = [
                    r for r, which in zip(regions, things, strict=True) if not which & lost
                ] or NOTHING
            results[key] = left[lost]
        results.update((key, result) for key, result, things in self._others if not things & missing)
        return Known(self._sizes, results)

    def _same(self, place: Place) -> int:
        """The things that a region is."""
        return sum(1 << number for number, thing in enumerate(self.places) if overlap(place, thing) >= _SAME)

    def _held(self, place: Place) -> int:
        """The things whose middle lies in a region."""
        return sum(1 << number for number, thing in enumerate(self.places) if _holds(place, thing))


def _objects(known: Known) -> list[Place]:
    found: dict[Place, int] = {}
    same: dict[Place, Place] = {}
    for (method, *_), result in known.results.items():
        for region in result if method in FINDS else ():
            place = region[:5]
            if place not in same:
                same[place] = next((each for each in found if overlap(each, place) >= _SAME), place)
            thing = same[place]
            found[thing] = found.get(thing, 0) + 1
    return sorted(found, key=lambda place: (-found[place], place))


def overlap(a: Place, b: Place) -> float:
    """Intersection over union; 0 in different images."""
    if a[1] >= b[3] or a[3] <= b[1] or a[2] >= b[4] or a[4] <= b[2] or a[0] != b[0]:
        return 0.0
    shared = (min(a[3], b[3]) - max(a[1], b[1])) * (min(a[4], b[4]) - max(a[2], b[2]))
    return shared / ((a[3] - a[1]) * (a[4] - a[2]) + (b[3] - b[1]) * (b[4] - b[2]) - shared)


def _places(key: Key) -> tuple[Place, ...]:
    """The regions that a call looked at."""
    if key[0] == "best_image_match":
        return key[1]
    return () if key[1] is None else (key[1],)


def _holds(place: Place, thing: Place) -> bool:
    """Whether the middle of a thing lies in a region."""
    across, along = (thing[1] + thing[3]) / 2, (thing[2] + thing[4]) / 2
    return place[0] == thing[0] and place[1] <= across <= place[3] and place[2] <= along <= place[4]
