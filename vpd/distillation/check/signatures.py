"""What facts allow to be said: the mentions of every way in which they, or their parts, can be put."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from vpd.distillation.check.mentions import Atom, Piece, joined, piece, sentences, split
from vpd.distillation.facts.models import (
    Chosen,
    CountCompared,
    Detected,
    Fact,
    HasProperty,
    Matched,
    Related,
    SortedOut,
    Thing,
)
from vpd.distillation.facts.naming import phrase
from vpd.distillation.facts.words import article, counted, number, plural
from vpd.distillation.rationale.composition import Saying, clause, sayings
from vpd.distillation.rationale.phrases import property_predicate
from vpd.distillation.rationale.template import Phrasing, Size

_ALTERNATIVES = 3
"""The most ways that a template has to say one thing."""


class Signature(NamedTuple):
    """One thing that may be said."""

    mentions: tuple[frozenset[Atom], ...]
    negations: tuple[int, ...]
    """Before which of the mentions a word like `not` stands."""
    scope: tuple[frozenset[Atom], ...]
    """The passes of loops in which it holds; empty where it holds everywhere."""
    place: frozenset[Atom]
    """The region that must have been named; empty where none needs to be."""
    atoms: frozenset[Atom]
    """All but the numbers, to rule most out quickly."""
    whole: bool = False
    """Whether nothing less may be said: of one red cup it does not follow that there is one cup."""


def signatures(facts: Sequence[Fact], sizes: Sequence[Size]) -> frozenset[Signature]:
    """Every part of every way to put the facts."""
    aliases = dict(_aliases(facts))
    boxes = dict(_boxes(facts, sizes))
    found: set[Signature] = set()
    for fact, text, whole in _texts(facts, sizes):
        scope = tuple(mention_of(thing) for thing in fact.scope)
        places = Saying((fact,)).place or (
            (fact.within,) if isinstance(fact, Detected) and fact.within else ()
        )
        place = mention_of(places[0]) if places else frozenset[Atom]()
        for sentence in sentences(text):
            parts = split(sentence)
            for start in range(len(parts)):
                for end in range(start + 1, len(parts) + 1):
                    said = piece(joined(parts[start:end]))
                    for each in (said, _without_boxes(said)):
                        signature = _signature(each, scope, place, aliases, boxes)
                        found.add(signature._replace(whole=whole))
    return frozenset(found)


def _without_boxes(said: Piece) -> Piece:
    """Without boxes that stand apart from a name, which a rationale need not give."""
    kept = [any(atom.kind != "box" for atom in m.atoms) for m in said.mentions]
    return said._replace(
        mentions=tuple(m for m, keep in zip(said.mentions, kept, strict=True) if keep),
        negations=tuple(sum(kept[:place]) for place in said.negations),
    )


def _signature(
    said: Piece,
    scope: tuple[frozenset[Atom], ...],
    place: frozenset[Atom],
    aliases: Mapping[frozenset[Atom], Atom],
    boxes: Mapping[Atom, Atom],
) -> Signature:
    mentions: list[frozenset[Atom]] = []
    for mention in said.mentions:
        atoms = set(mention.atoms)
        atoms |= {alias for named, alias in aliases.items() if named <= atoms}
        atoms |= {boxes[atom] for atom in mention.atoms if atom in boxes}
        mentions.append(frozenset(atoms))
    return Signature(tuple(mentions), said.negations, scope, place, quick(mentions))


def quick(mentions: Sequence[frozenset[Atom]]) -> frozenset[Atom]:
    """The atoms that are compared as they are."""
    return frozenset(
        atom
        for mention in mentions
        for atom in mention
        if atom.kind not in ("number", "quote", "quantifier", "comparison")
    )


def mention_of(thing: Thing) -> frozenset[Atom]:
    """What a region is called, as a mention."""
    said = next(sentences(phrase(thing.model_copy(update={"within": "", "tail": ""}), set())))
    mentions = piece(said).mentions
    return mentions[0].atoms if mentions else frozenset()


def _texts(facts: Sequence[Fact], sizes: Sequence[Size]) -> Iterator[tuple[Fact, str, bool]]:
    for choice in range(_ALTERNATIVES):
        phrasing = Phrasing(lambda count, choice=choice: choice % count, "pixels", sizes, exact=True)
        for fact in facts:
            yield fact, phrasing.clause(fact), False
            for text in _otherwise(fact, phrasing):
                yield fact, text, False
        for saying in sayings(facts):
            for opening in (True, False):
                yield saying.facts[0], clause(saying, phrasing, opening=opening), False
        # Where boxes are given, several things are counted behind them; or those of them that passed a test.
        for saying in dict.fromkeys((*sayings(facts), *sayings(facts, brief=True))):
            if isinstance(saying.facts[0], Detected):
                for opening in (True, False):
                    listing = Phrasing(lambda count, choice=choice: choice % count, "pixels", sizes)
                    of_those = isinstance(saying.facts[-1], SortedOut)
                    yield saying.facts[0], clause(saying, listing, opening=opening), of_those


def _otherwise(fact: Fact, phrasing: Phrasing) -> Iterator[str]:
    """What follows from a fact, in words that the templates do not use."""
    where = f" in {phrasing.the(fact.scope[-1])}" if fact.scope else ""
    yield f"{phrasing.clause(fact)}{where}"
    match fact:
        case Detected(count=int(count), text=None) if count > 0:
            yield f"more than {number(count - 1)} {plural(fact.noun)}"
            yield f"at least {counted(count, fact.noun)}"
            yield f"the {counted(count, fact.noun)}"
            yield f"{article(fact.noun)} {where}"
        case Detected(present=False, text=None):
            yield f"{plural(fact.noun)} not visible{where}"
            yield f"zero {plural(fact.noun)}{where}"
        case CountCompared():
            yield f"{counted(fact.count, fact.noun)} is {number(fact.count)}"
        case HasProperty(holds=True) if len(fact.property.split()) == 1:
            yield f"the {fact.thing.mark} {fact.property} {fact.thing.noun}{where}"
        case Matched() if len(fact.value.split()) == 1:
            yield f"the {fact.thing.mark} {fact.value} {fact.thing.noun}{where}"
        case Related():
            yield from _turned(fact, phrasing)
        case Chosen():
            yield f"the {fact.rank} is {phrasing.the(fact.thing)}"
        case SortedOut():
            total = len(fact.passed) + len(fact.failed)
            for holds, things in ((True, fact.passed), (False, fact.failed)):
                some = f"{number(len(things))} of the {number(total)} {plural(fact.noun)}"
                yield some + _predicate(fact, things, holds)
                for thing in things:
                    for one in _single(fact, thing, holds):
                        yield phrasing.clause(one)
        case _:
            pass


_OPPOSITES = {
    "left": "right", "right": "left", "above": "below", "below": "above", "closer": "farther", "farther": "closer",
    "larger": "smaller", "smaller": "larger", "wider": "narrower", "narrower": "wider", "taller": "shorter",
    "shorter": "taller", "overlaps": "overlaps", "touches": "touches",
}  # fmt: skip


def _turned(fact: Related, phrasing: Phrasing) -> Iterator[str]:
    """The same seen from the other side: `b is to the right of a`."""
    turned = {"a": fact.b, "part_a": fact.part_b, "b": fact.a, "part_b": fact.part_a}
    yield phrasing.clause(fact.model_copy(update={**turned, "direction": _OPPOSITES[fact.direction]}))
    if fact.direction in ("overlaps", "touches"):
        negation = "" if fact.holds else "do not "
        verb = fact.direction.rstrip("s").removesuffix("e")
        yield f"{phrasing.the(fact.a)} and {phrasing.the(fact.b)} {negation}{verb}"


def _predicate(fact: SortedOut, things: Sequence[Thing], holds: bool) -> str:
    if not isinstance(fact.sample, HasProperty):
        return ""
    p = property_predicate(fact.sample.property)
    words = (p.one, p.several) if holds else (p.not_one, p.not_several)
    return f" {words[len(things) != 1]}"


def _single(fact: SortedOut, thing: Thing, holds: bool) -> Iterator[Fact]:
    sample = fact.sample
    match sample:
        case HasProperty():
            yield sample.model_copy(update={"thing": thing, "holds": holds})
        case Related():
            side = "a" if sample.a.noun == fact.noun and not sample.a.mark else "b"
            yield sample.model_copy(update={side: thing, "holds": holds})
        case _:
            pass


def _aliases(facts: Sequence[Fact]) -> Iterator[tuple[frozenset[Atom], Atom]]:
    """The first of several from the left is also the left one."""
    for fact in facts:
        if isinstance(fact, Detected) and len(fact.things) > 1 and all(thing.mark for thing in fact.things):
            count = len(fact.things)
            for place, thing in enumerate(fact.things):
                side = "left" if place == 0 else "right" if place == count - 1 else "middle"
                if side != "middle" or count == 3:
                    yield mention_of(thing), Atom("pick", side)


def _boxes(facts: Sequence[Fact], sizes: Sequence[Size]) -> Iterator[tuple[Atom, Atom]]:
    """Each box in pixels, and the same in thousandths of the image's sides."""
    in_pixels, relative = (Phrasing(lambda count: 0, style, sizes) for style in ("pixels", "relative"))
    for fact in facts:
        things = [
            *getattr(fact, "things", ()),
            *fact.scope,
            *(getattr(fact, name, None) for name in ("thing", "a", "b", "within")),
        ]
        for thing in things:
            if isinstance(thing, Thing) and thing.box is not None:
                pair = [piece(next(sentences(each.coordinates(thing)))) for each in (in_pixels, relative)]
                a, b = (next(iter(each.mentions[0].atoms)) for each in pair)
                yield a, b
