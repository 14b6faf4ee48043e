"""Worlds with one thing more: all that the question speaks of, or all but one of its words."""

from collections.abc import Iterator
from typing import Any

from vpd.execution.geometry import ProgramRegion
from vpd.execution.known import Key, Known, Place, from_left_to_right
from vpd.verification.terms import terms

_MOST_TERMS = 4


def with_decoys(known: Known, asked: frozenset[str]) -> Iterator[tuple[str, Known]]:
    """Worlds with a thing in the first image that is found by any phrase made of words of the question.

    In the first world it is all that the question speaks of, so that a program that looks for more does not find
    it; in each of the others it lacks one of the words, so that only a program that does not look for that finds
    it. Nothing but what it is found as and its properties is known of it.

    Args:
        known: the world as it is.
        asked: the words of the question, without axes.
    """
    place = _free_place(known)
    if place is None or not asked:
        return
    decoy = _Decoy(known, place)
    yield "with another", decoy.that_is(asked)
    for word in sorted(asked)[:_MOST_TERMS]:
        yield f"with another but {word}", decoy.that_is(asked - {word})


class _Decoy:
    """One thing more at a place where there is none."""

    def __init__(self, known: Known, place: Place) -> None:
        self._sizes = known.sizes
        self._same: dict[Key, Any] = {}
        """What is known whatever it is."""
        self._finds: list[tuple[Key, frozenset[str], list[ProgramRegion]]] = []
        """Calls that find it if it has the words that they look for, and what they find then."""
        self._nothing: list[tuple[Key, frozenset[str]]] = []
        """Calls that tell that nothing exists, which is still so if it lacks one of these words."""
        self._properties: list[tuple[Key, frozenset[str]]] = []
        for key, result in known.results.items():
            if key[0] == "find" and _contains(key[1], place):
                found = [*result, ProgramRegion(*place, key[2], 1.0)]
                self._finds.append((key, terms(key[2]), sorted(found, key=from_left_to_right)))
            if key[0] == "find" or not _contains_any(key, place) or (key[0] == "exists" and result):
                self._same[key] = result
            elif key[0] == "exists":
                self._nothing.append((key, terms(key[2])))
            if key[0] == "verify_property":
                self._properties.append((("verify_property", place, *key[2:]), terms(key[3])))

    def that_is(self, described: frozenset[str]) -> Known:
        """It has all these words, and no others."""
        results = dict(self._same)
        results.update((key, found) for key, words, found in self._finds if words <= described)
        results.update((key, False) for key, words in self._nothing if not words <= described)
        results.update((key, words <= described) for key, words in self._properties)
        return Known(self._sizes, results)


def _free_place(known: Known) -> Place | None:
    """A small place at the left of the first image where nothing was found."""
    if not known.sizes:
        return None
    width, height = known.sizes[0]
    across, along = max(width // 12, 2), max(height // 12, 2)
    taken = [region for key, result in known.results.items() if key[0] == "find" for region in result]
    for lower in range(0, height - along, along):
        place = (0, 1, lower, 1 + across, lower + along)
        if not any(_touch(place, region) for region in taken):
            return place
    return None


def _touch(place: Place, region: ProgramRegion) -> bool:
    apart = region.left >= place[3] or region.right <= place[1]
    return place[0] == region.image and not (apart or region.lower >= place[4] or region.upper <= place[2])


def _contains(outer: Place, inner: Place) -> bool:
    return (
        outer[0] == inner[0]
        and outer[1] <= inner[1]
        and outer[2] <= inner[2]
        and outer[3] >= inner[3]
        and outer[4] >= inner[4]
    )


def _contains_any(key: Key, place: Place) -> bool:
    where = key[1] if key[0] == "best_image_match" else () if key[1] is None else (key[1],)
    return any(_contains(outer, place) for outer in where)
