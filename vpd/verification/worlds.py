"""Other worlds that a question's programs can be asked about, made of what is known of this one."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

from vpd.execution.known import Known, flipped, mirrored
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
    names = [str(thing).encode() for thing in things.places]
    for number in range(_PARTS if things.places else 0):
        gone = {thing for thing, name in zip(things.places, names, strict=True) if _is_gone(number, name)}
        yield World(f"part {number}", things.without(gone))


def _is_gone(number: int, thing: bytes) -> bool:
    """Whether a thing is missing in a part: about half of the things are, others in each part."""
    return blake2b(b"%d %b" % (number, thing), digest_size=1).digest()[0] % 2 == 0
