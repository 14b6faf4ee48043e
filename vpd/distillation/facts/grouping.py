"""What loops found out, said once: `the first and the third are black` instead of one statement per pass."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from vpd.distillation.facts.between import between
from vpd.distillation.facts.models import (
    Detected,
    Fact,
    HasDepth,
    HasProperty,
    MeasureCompared,
    Quantity,
    Related,
    SortedOut,
    TextCompared,
    Thing,
)
from vpd.distillation.facts.naming import phrase
from vpd.distillation.replay.machine import Frame

Sortable = Detected | HasProperty | Related | MeasureCompared | TextCompared


class Draft(NamedTuple):
    """A fact and where it was found out."""

    fact: Fact
    frames: tuple[Frame, ...]
    scopes: tuple[tuple[Thing, ...], ...]
    """By frame, what the pass is about, as it was called at that time."""

    def scope(self, start: int, end: int | None = None) -> tuple[Thing, ...]:
        return tuple(thing for things in self.scopes[start:end] for thing in things)


def grouped(drafts: Sequence[Draft], depth: int = 0) -> list[Fact]:
    """The facts of drafts whose loops agree down to `depth`."""
    facts: list[Fact] = []
    for loop, run in groupby(drafts, key=lambda draft: _loop(draft, depth)):
        members = list(run)
        if loop is None:
            facts += [_scoped(draft) for draft in members]
        else:
            facts += _of_loop(members, depth)
    return facts


def _loop(draft: Draft, depth: int) -> tuple[int, ...] | None:
    """Which run of which loop a draft belongs to at this depth."""
    if len(draft.frames) <= depth:
        return None
    frame = draft.frames[depth]
    return (id(frame.site), id(frame.source.data), *(f.turn for f in draft.frames[:depth]))


def _of_loop(drafts: list[Draft], depth: int) -> list[Fact]:
    passes = [list(run) for _, run in groupby(drafts, key=lambda draft: draft.frames[depth].turn)]
    passes = _placed(passes, depth) or passes
    if len(passes) > 1:
        # A depth is worth telling only for what is then compared.
        depths = [draft for draft in drafts if isinstance(draft.fact, HasDepth)]
        sorted_out = _sorted_out([[d for d in each if d not in depths] for each in passes], depth)
        if sorted_out is not None:
            return [*map(_scoped, depths), sorted_out]
    return [fact for each in passes for fact in grouped(each, depth + 1)]


def _placed(passes: list[list[Draft]], depth: int) -> list[list[Draft]] | None:
    """The passes with one statement each, where each asks whether its item lies between two others."""
    placed: list[list[Draft]] = []
    for drafts in passes:
        things = drafts[0].scope(depth)
        alone = all(len(draft.frames) == depth + 1 for draft in drafts) and len(things) == 1
        fact = between([draft.fact for draft in drafts], things[0]) if alone else None
        if fact is None:
            return None
        placed.append([drafts[0]._replace(fact=fact)])
    return placed


def _sorted_out(passes: list[list[Draft]], depth: int) -> SortedOut | None:
    """The one statement that the passes make, each of its own item; None if they do not."""
    passed: list[Thing] = []
    failed: list[Thing] = []
    sample: Sortable | None = None
    for drafts in passes:
        if len(drafts) != 1 or len(drafts[0].frames) != depth + 1:
            return None
        fact = drafts[0].fact
        things = drafts[0].scope(depth)
        if not isinstance(fact, Sortable) or len(things) != 1:
            return None
        general = _general(fact, things[0], {phrase(thing, set()) for thing in drafts[0].scope(0, depth)})
        if general is None or (sample is not None and general != sample):
            return None
        sample = general
        (passed if _holds(fact) else failed).append(things[0])
    assert sample is not None
    members = [draft for drafts in passes for draft in drafts]
    steps = tuple(sorted({step for draft in members for step in draft.fact.steps}))
    outer = members[0].scope(0, depth)
    noun = (passed or failed)[0].noun
    return SortedOut(
        sample=sample, noun=noun, passed=tuple(passed), failed=tuple(failed), steps=steps, scope=outer
    )


def _holds(fact: Sortable) -> bool:
    return fact.present if isinstance(fact, Detected) else fact.holds


def _general(fact: Sortable, thing: Thing, scope: set[str]) -> Sortable | None:
    """The fact as it is said of any of the things that the loop went through; None if it is not about this one."""
    anyone = Thing(noun=thing.noun)
    neutral = {"steps": (), "holds": True}
    match fact:
        case Detected(text=None, count=None, within=within):
            seen = {"steps": (), "present": True, "within": anyone}
            return fact.model_copy(update=seen) if within == thing else None
        case Detected():
            return None
        case HasProperty():
            same = fact.thing == thing
            return fact.model_copy(update={**neutral, "thing": anyone}) if same else None
        case Related():
            parts = {name: anyone for name in ("a", "b") if getattr(fact, name) == thing}
            return fact.model_copy(update={**neutral, **parts}) if parts else None
        case MeasureCompared():
            left, right = (_anyones(q, thing, anyone, scope) for q in (fact.left, fact.right))
            changed = (left.phrase, right.phrase) != (fact.left.phrase, fact.right.phrase)
            return fact.model_copy(update={**neutral, "left": left, "right": right}) if changed else None
        case TextCompared():
            return None


def _anyones(quantity: Quantity, thing: Thing, anyone: Thing, scope: set[str]) -> Quantity:
    def general(words: str) -> str:
        return words.replace(phrase(thing, scope), phrase(anyone, scope))

    words = general(quantity.phrase)
    between = tuple(map(general, quantity.between))
    value = None if words else quantity.value
    return quantity.model_copy(update={"phrase": words, "value": value, "between": between})


def _scoped(draft: Draft) -> Fact:
    return draft.fact.model_copy(update={"scope": draft.scope(0)})
