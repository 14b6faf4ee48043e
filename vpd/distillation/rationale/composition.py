"""The facts of one execution as a short text that can be read aloud."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from vpd.distillation.facts.models import (
    Asked,
    Chosen,
    Concluded,
    CountCompared,
    Detected,
    Fact,
    HasDepth,
    HasProperty,
    HasText,
    Matched,
    MeasureCompared,
    Related,
    SortedOut,
    Thing,
)
from vpd.distillation.facts.naming import phrase
from vpd.distillation.rationale.phrases import holds_things
from vpd.distillation.rationale.template import Phrasing, Size, seeded
from vpd.distillation.settings import BoxStyle

_CLAUSES_A_SENTENCE = 2


class Saying(NamedTuple):
    """What is said in one clause; of what was found and at once sorted out, what passed."""

    facts: tuple[Fact, ...]
    tail: CountCompared | None = None
    """How the count that is stated compares with another number."""

    @property
    def place(self) -> tuple[Thing, ...]:
        """The region that must be named before it can be understood."""
        first = self.facts[0]
        if isinstance(first, CountCompared) and first.total:
            return ()
        if not isinstance(first, CountCompared | MeasureCompared | SortedOut):
            # What is not named in full is where it was found, if that is the pass of a loop.
            where = {thing.within for thing in things_of(first)}
            return tuple(thing for thing in first.scope if phrase(thing, set()) in where)[-1:]
        said = f"{Phrasing(lambda count: 0, 'none', ()).clause(first)} "
        scope = {phrase(thing, set()) for thing in first.scope}
        named = [t for t in first.scope if _named(phrase(t, set()), said) or _named(phrase(t, scope), said)]
        # A region that is named needs no more than the region that it lies in.
        holders = {thing.within for thing in named}
        unnamed = [t for t in first.scope if t not in named and (not named or phrase(t, set()) in holders)]
        return tuple(unnamed[-1:])


def things_of(fact: Fact) -> Iterator[Thing]:
    """The regions that a fact names; of what a detector found, the region that it looked at."""
    match fact:
        case Detected(within=within):
            if within is not None:
                yield Thing(noun="", within=phrase(within, set()))
        case HasProperty(thing=thing) | Matched(thing=thing) | HasText(thing=thing) | HasDepth(thing=thing):
            yield thing
        case Asked(thing=thing):
            yield from () if thing is None else (thing,)
        case Chosen(thing=thing, among=among):
            yield from (thing, *among)
        case Related(a=a, b=b):
            yield from (a, b)
        case _:
            pass


def _listed(saying: Saying) -> tuple[Thing, ...]:
    """The regions that a clause lists."""
    last = saying.facts[-1]
    if isinstance(last, SortedOut) and len(saying.facts) > 1:
        return last.passed
    return tuple(thing for fact in saying.facts if isinstance(fact, Detected) for thing in fact.things)


def compose(facts: Sequence[Fact], seed: str, sizes: Sequence[Size], boxes: BoxStyle = "none") -> str:
    """A rationale that says these facts, in order, and ends with the answer.

    Args:
        facts: what to say.
        seed: the same seed and facts give the same text; take the example's id.
        sizes: widths and heights of the images.
        boxes: whether and how regions are given with their coordinates.
    """
    phrasing = Phrasing(seeded(seed), boxes, sizes)
    text: list[str] = []
    sentence: list[str] = []
    place: tuple[Thing, ...] = ()
    joined = False
    for saying in sayings(facts, brief=phrasing.points):
        last = saying.facts[0]
        moved = saying.place != place
        if isinstance(last, Concluded) and len(sentence) == 1 and joined:
            text.append(_sentence([f"{sentence[0]}, so the answer is {last.answer}"]))
            return " ".join(text)
        if sentence and (moved or len(sentence) == _CLAUSES_A_SENTENCE or isinstance(last, Concluded)):
            text.append(_sentence(sentence))
            sentence = []
        sentence.append(clause(saying, phrasing, opening=moved))
        phrasing.after(_listed(saying))
        place = saying.place
        joined = isinstance(last, CountCompared | HasProperty | Related | SortedOut)
    text.append(_sentence(sentence))
    return " ".join(text)


def statements(facts: Sequence[Fact], sizes: Sequence[Size], boxes: BoxStyle = "none") -> list[str]:
    """The facts one by one, as clauses that name the regions they are about."""
    phrasing = Phrasing(lambda count: 0, boxes, sizes)
    return [clause(saying, phrasing, opening=True) for saying in sayings(facts)]


def clause(saying: Saying, phrasing: Phrasing, opening: bool) -> str:
    """A clause; `opening` names the region that it is about."""
    first = saying.facts[0]
    place = saying.place[0] if opening and saying.place else None
    holder = phrasing.the(place) if place is not None else ""
    last = saying.facts[-1]
    if isinstance(first, Detected) and isinstance(last, SortedOut):
        said = phrasing.render("such", first.scope, f=last)
    elif isinstance(first, Detected) and first.text is None:
        items = [phrasing.found(fact) for fact in saying.facts if isinstance(fact, Detected)]
        said = phrasing.render(
            "several",
            first.scope,
            facts=saying.facts,
            items=items,
            holder=holder,
            container=place is None or holds_things(place),
        )
        return said + (phrasing.render("count_tail", first.scope, f=saying.tail) if saying.tail else "")
    elif len(saying.facts) > 1:
        said = phrasing.render("edges", first.scope, facts=saying.facts)
    else:
        said = phrasing.clause(first)
    return (
        f"{'in' if place is not None and holds_things(place) else 'for'} {holder}, {said}" if holder else said
    )


def sayings(facts: Sequence[Fact], brief: bool = False) -> list[Saying]:
    """The facts clause by clause, without what others say better.

    Args:
        facts: what is to be said.
        brief: of what a loop sorts out right after it was found, only say which passed, where that is enough.
    """
    new = _without_repeats(facts)
    worth = [fact for index, fact in enumerate(new) if not _said_later(fact, new[index + 1 :])]
    tails: dict[int, CountCompared] = {}
    kept: list[Fact] = []
    for fact in worth:
        stated = next((each for each in reversed(kept) if _states(each, fact)), None)
        if isinstance(fact, CountCompared) and stated is not None:
            tails.setdefault(id(stated), fact)
        else:
            kept.append(fact)
    result: list[Saying] = []
    for _, run in groupby(kept, key=lambda fact: _joins(fact, tails)):
        members = tuple(run)
        if _joins(members[0], tails)[0] != "":
            result.append(Saying(members))
            continue
        follows = result and result[-1].tail is None and _sorts(members[0], result[-1].facts[-1])
        if brief and follows and _passing_is_enough(members[0], new):
            *others, found = result.pop().facts
            result += [Saying(tuple(others))] if others else []
            result.append(Saying((found, members[0])))
            members = members[1:]
        result += [Saying((fact,), tails.get(id(fact))) for fact in members]
    return result


def _sorts(fact: Fact, found: Fact) -> bool:
    """Whether all that was found, and nothing else, is sorted by what can be said of it in a clause."""
    match fact, found:
        case SortedOut(sample=HasProperty() | Related() as sample), Detected(text=None, within=None):
            about = isinstance(sample, HasProperty) or _of_noun(sample, fact.noun)
            boxes = {(thing.image, thing.box) for thing in (*fact.passed, *fact.failed)}
            alike = (fact.noun, fact.scope) == (found.noun, found.scope)
            return about and alike and boxes == {(thing.image, thing.box) for thing in found.things}
        case _:
            return False


def _passing_is_enough(fact: Fact, facts: Sequence[Fact]) -> bool:
    """Whether the answer can be told from what passed: it may count what failed, pick some of it, or ask for all."""
    assert isinstance(fact, SortedOut)
    answer = next((each.answer for each in facts if isinstance(each, Concluded)), "")
    counts = {str(each.count) for each in facts if isinstance(each, CountCompared) and each.such} | {answer}
    if len(fact.failed) != len(fact.passed) and str(len(fact.failed)) in counts:
        return False
    spoken_of = {(thing.image, thing.box) for each in facts for thing in things_of(each)}
    passed, failed = (
        any((thing.image, thing.box) in spoken_of for thing in some) for some in (fact.passed, fact.failed)
    )
    return not failed and (answer not in ("yes", "no") or passed or not fact.passed)


def _of_noun(sample: Related, noun: str) -> bool:
    return sample.a.noun == noun and not sample.a.mark and not sample.part_a


def _without_repeats(facts: Sequence[Fact]) -> list[Fact]:
    """Without what was found of the very same regions before: programs may ask once more in another pass of a loop."""
    found: list[Fact] = []
    said: list[Fact] = []
    for fact in facts:
        if isinstance(fact, HasProperty | Matched | HasText | HasDepth | Related | Asked):
            what = fact.model_copy(update={"steps": (), "scope": ()})
            if what in said:
                continue
            said.append(what)
        found.append(fact)
    return found


def _joins(fact: Fact, tails: dict[int, CountCompared]) -> tuple[object, ...]:
    """Equal for facts that are said in one clause when they follow each other; begins with '' if none is."""
    match fact:
        case Detected(text=None) if id(fact) not in tails:
            return ("found", fact.scope, fact.within)
        case MeasureCompared(left=left) if left.edge.endswith("edge"):
            return ("edges", fact.scope, frozenset(left.between), fact.operator, fact.holds, fact.right)
        case _:
            return ("",)


def _states(found: Fact, compared: Fact) -> bool:
    """Whether the count that is compared has been stated in the same place."""
    match found, compared:
        case Detected(noun=noun, count=count), CountCompared(such=False, total=False, other_noun=""):
            return noun == compared.noun and count == compared.count and found.scope == compared.scope
        case _:
            return False


def _sentence(clauses: Sequence[str]) -> str:
    text = ", and ".join(clauses)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _named(name: str, text: str) -> bool:
    return re.search(rf"{re.escape(name)}(?![^ ,.:])", text) is not None


def _said_later(fact: Fact, later: Sequence[Fact]) -> bool:
    match fact:
        case HasDepth(thing=thing):
            return any(_compares_depth(each, thing) or _ranks_depth(each, thing) for each in later)
        case Related(holds=False):
            # `not to the right` goes without saying before `to the left`.
            pair = (fact.a, fact.part_a, fact.b, fact.part_b)
            axes = ("left", "right"), ("above", "below")
            axis = next((axis for axis in axes if fact.direction in axis), ())
            return any(
                isinstance(each, Related) and each.holds and each.direction in axis
                and (each.a, each.part_a, each.b, each.part_b) == pair
                for each in later
            )  # fmt: skip
        case _:
            return False


def _ranks_depth(fact: Fact, thing: Thing) -> bool:
    """Whether a region of the same kind is called by its depth."""
    return any(
        each.noun == thing.noun
        and (
            (each.mark in ("nearest", "farthest") and not each.tail)
            or each.tail in ("from the camera", "from the back")
        )
        for each in things_of(fact)
    )


def _compares_depth(fact: Fact, thing: Thing) -> bool:
    match fact:
        case Related(direction="closer" | "farther"):
            return thing in (fact.a, fact.b)
        case MeasureCompared():
            return "depth" in fact.left.phrase
        case Chosen():
            return thing in fact.among
        case _:
            return False
