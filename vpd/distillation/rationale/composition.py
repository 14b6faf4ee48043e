"""The facts of one execution as a short text that can be read aloud."""

from collections.abc import Iterator, Sequence

from vpd.distillation.facts.models import (
    Chosen,
    Concluded,
    CountCompared,
    Detected,
    Fact,
    HasDepth,
    MeasureCompared,
    Related,
    Thing,
)
from vpd.distillation.facts.naming import phrase
from vpd.distillation.rationale.template import BoxStyle, Phrasing, Size, seeded

_CLAUSES_A_SENTENCE = 2


def compose(facts: Sequence[Fact], seed: str, sizes: Sequence[Size], boxes: BoxStyle = "none") -> str:
    """A rationale that says these facts, in order, and ends with the answer.

    Args:
        facts: what to say.
        seed: the same seed and facts give the same text; take the example's id.
        sizes: widths and heights of the images.
        boxes: whether and how regions are given with their coordinates.
    """
    phrasing = Phrasing(seeded(seed), boxes, sizes)
    said = list(_worth_saying(facts, boxes))
    sentences: list[str] = []
    clauses: list[str] = []
    place: tuple[Thing, ...] = ()
    for fact in said:
        needed = _place(fact)
        if clauses and (needed != place or len(clauses) == _CLAUSES_A_SENTENCE or isinstance(fact, Concluded)):
            sentences.append(_sentence(clauses))
            clauses = []
        opening = needed != place and bool(needed)
        start = f"in {phrasing.the(needed[-1])}, " if opening else ""
        place = needed
        clauses.append(start + phrasing.clause(fact))
    sentences.append(_sentence(clauses))
    return " ".join(sentence for sentence in sentences if sentence)


def _sentence(clauses: Sequence[str]) -> str:
    if not clauses:
        return ""
    text = ", and ".join(clauses)
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _place(fact: Fact) -> tuple[Thing, ...]:
    """The regions that must be named before the fact can be understood."""
    return tuple(thing for thing in fact.scope if not _mentions(fact, thing))[-1:]


def _mentions(fact: Fact, thing: Thing) -> bool:
    own = [getattr(fact, name, None) for name in ("thing", "a", "b")]
    if thing in own:
        return True
    words = phrase(thing, set())
    quantities = [getattr(fact, name, None) for name in ("left", "right")]
    return any(words in getattr(quantity, "phrase", "") for quantity in quantities)


def _worth_saying(facts: Sequence[Fact], boxes: BoxStyle) -> Iterator[Fact]:
    """Without what the next facts say again."""
    for index, fact in enumerate(facts):
        following = facts[index + 1] if index + 1 < len(facts) else None
        match fact, following:
            case Detected(noun=noun, count=count), CountCompared(noun=same, count=other) if boxes == "none":
                if noun == same and count == other and fact.scope == following.scope and fact.within is None:
                    continue
            case HasDepth(thing=thing), _:
                if any(_compares_depth(later, thing) for later in facts[index + 1 :]):
                    continue
            case _:
                pass
        yield fact


def _compares_depth(fact: Fact, thing: Thing) -> bool:
    match fact:
        case Related(direction="closer" | "farther"):
            return thing in (fact.a, fact.b)
        case MeasureCompared():
            return "depth" in fact.left.phrase
        case Chosen():
            return fact.thing.mark in ("nearest", "farthest")
        case _:
            return False
