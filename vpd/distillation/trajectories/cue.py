"""What one must look at to answer: the region or the frames that the deciding facts are about."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vpd.distillation.facts.models import (
    Asked,
    Concluded,
    Detected,
    Fact,
    FramesSelected,
    HasProperty,
    HasText,
    Matched,
    Related,
    SortedOut,
    Thing,
)
from vpd.distillation.facts.naming import phrase
from vpd.distillation.facts.words import listed, plural
from vpd.records import Box


class Cue(NamedTuple):
    """A region of an image, and the facts that are read there."""

    image: int
    box: Box
    """In pixels of the whole image; encloses all that the facts are about."""
    name: str
    """What is there: `the topmost square`, `the dogs`."""
    before: tuple[Fact, ...]
    """What is seen without looking closer."""
    read: tuple[Fact, ...]
    """What is read at the cue."""


class FrameCue(NamedTuple):
    """Frames of a video, and the facts that are read there."""

    frames: tuple[int, ...]
    """Indices into the example's images."""
    before: tuple[Fact, ...]
    read: tuple[Fact, ...]


def find_cue(facts: Sequence[Fact]) -> Cue | None:
    """The region of the facts that decide: what was asked, read, compared or counted in a part of the image.

    Where nothing of the kind was, everything that was found. None where the facts are about no part of one image.
    """
    body = [fact for fact in facts if not isinstance(fact, Concluded)]
    first = next((i for i, fact in enumerate(body) if _decides(fact)), 0)
    things = [thing for fact in body[first:] for thing in _things(fact)]
    boxes = [thing.box for thing in things if thing.box is not None]
    if not boxes or len({thing.image for thing in things}) != 1:
        return None
    box = (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
    return Cue(things[0].image, box, _name(things), tuple(body[:first]), tuple(body[first:]))


def find_frames(facts: Sequence[Fact]) -> FrameCue | None:
    """The frames that the deciding facts are about; None where they are about no frames in particular.

    Frames in which nothing was found are passed over, and not spoken of, unless nothing was found in any.
    """
    body = [fact for fact in facts if not isinstance(fact, Concluded)]
    first = next(
        (i for i, fact in enumerate(body) if isinstance(fact, FramesSelected) or _decides(fact)), None
    )
    if first is None:
        return None
    deciding = body[first:]
    frames = {frame for fact in deciding if not _absent(fact) for frame in _frames(fact)}
    frames = frames or {frame for fact in deciding for frame in _frames(fact)}
    read = tuple(fact for fact in deciding if not _absent(fact) or _frames(fact) <= frames)
    return FrameCue(tuple(sorted(frames)), tuple(body[:first]), read) if frames else None


def _frames(fact: Fact) -> set[int]:
    """The frames that a fact is about."""
    if isinstance(fact, FramesSelected):
        return set(fact.frames)
    return {thing.image for thing in (*_things(fact), *fact.scope)}


def _absent(fact: Fact) -> bool:
    return isinstance(fact, Detected) and not fact.present


def _decides(fact: Fact) -> bool:
    match fact:
        case HasProperty() | Matched() | HasText() | Related() | SortedOut():
            return True
        case Asked(thing=thing):
            return thing is not None
        case Detected(within=within):
            return within is not None
        case _:
            return False


def _things(fact: Fact) -> Iterator[Thing]:
    match fact:
        case HasProperty(thing=thing) | Matched(thing=thing) | HasText(thing=thing):
            yield thing
        case Asked(thing=Thing() as thing):
            yield thing
        case Related(a=a, b=b):
            yield from (a, b)
        case SortedOut(passed=passed, failed=failed):
            yield from (*passed, *failed)
        case Detected(within=Thing() as within):
            yield within
        case Detected(things=things):
            yield from things
        case _:
            pass


def _name(things: Sequence[Thing]) -> str:
    holders = {thing.within for thing in things}
    if len(things) > 1 and len(holders) == 1 and "" not in holders:
        return holders.pop()
    names = list(dict.fromkeys(phrase(thing, set()) for thing in things))
    if len(names) <= 2:
        return listed(names)
    nouns = list(dict.fromkeys(thing.noun for thing in things))
    return f"the {listed([plural(noun) for noun in nouns])}" if len(nouns) <= 2 else "this part"
