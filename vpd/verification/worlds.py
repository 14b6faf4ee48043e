"""Other worlds that a question's programs can be asked about, made of what is known of this one."""

import hashlib
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from vpd.execution.known import Known, exchanged, flipped, mirrored, objects, without
from vpd.verification.decoys import with_decoys

MIRROR, FLIP = "mirrored", "upside down"
_MOST_OBJECTS, _MOST_EXCHANGES, _PARTS = 6, 4, 6


class World(NamedTuple):
    name: str
    known: Known


def worlds(known: Known, asked: frozenset[str]) -> list[World]:
    """Mirrored, upside down, without one object or another, with two objects exchanged, and with one more.

    The results agree with each other: what is gone from one call's result is gone from that of every other.
    """
    return [*_worlds(known), *(World(*each) for each in with_decoys(known, asked))]


def _worlds(known: Known) -> Iterator[World]:
    yield World(MIRROR, mirrored(known))
    yield World(FLIP, flipped(known))
    everything = objects(known)
    things = everything[:_MOST_OBJECTS]
    for thing in things:
        yield World(f"without {_place(thing)}", without(known, [thing]))
    if len(everything) > 2:
        for number in range(_PARTS):
            gone = [thing for thing in everything if _chance(number, thing)]
            yield World(f"part {number}", without(known, gone))
    pairs = [(a, b) for a, b in combinations(things, 2) if a[0] == b[0]]
    for a, b in pairs[:_MOST_EXCHANGES]:
        yield World(f"exchanged {_place(a)} {_place(b)}", exchanged(known, a, b))


def _chance(number: int, thing: tuple[int, ...]) -> bool:
    """Whether a thing is missing in a world: half of the things are."""
    return hashlib.blake2b(f"{number} {thing}".encode(), digest_size=1).digest()[0] % 2 == 0


def _place(place: tuple[int, ...]) -> str:
    return ",".join(map(str, place))
