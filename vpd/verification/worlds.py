"""Other worlds that a question's programs can be asked about, made of what is known of this one."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from vpd.execution.known import Known, Place, flipped, mirrored
from vpd.execution.objects import Objects
from vpd.verification.decoys import with_decoys

MIRROR, FLIP = "mirrored", "upside down"
_PARTS = 6


class World(NamedTuple):
    name: str
    known: Known


def worlds(known: Known, asked: frozenset[str]) -> list[World]:
    """Mirrored, upside down, with about half of the objects, and with one more.

    The results agree with each other: what is gone from one call's result is gone from that of every other.

    Args:
        known: the world as it is.
        asked: the words of the question.
    """
    return [*_worlds(known), *(World(*each) for each in with_decoys(known, asked))]


def _worlds(known: Known) -> Iterator[World]:
    yield World(MIRROR, mirrored(known))
    yield World(FLIP, flipped(known))
    things = Objects(known)
    for number in range(_PARTS if things.places else 0):
        gone = {thing for thing in things.places if _is_gone(number, thing)}
        yield World(f"part {number}", things.without(gone))


def _is_gone(number: int, thing: Place) -> bool:
    """Whether a thing is missing in a part: about half of the things are, others in each part."""
    return hashlib.blake2b(f"{number} {thing}".encode(), digest_size=1).digest()[0] % 2 == 0
