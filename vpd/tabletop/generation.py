"""Scenes and questions about them, so that in every family every answer is equally frequent."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vpd.errors import UserError
from vpd.tabletop.annotation import Annotation
from vpd.tabletop.plans import draw_plan
from vpd.tabletop.questions.asking import Question, ask
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.questions.family import WORLDS, Family, World
from vpd.tabletop.splits import SPLITS, Split
from vpd.tabletop.worlds import lay_out

PER_SCENE = 4
"""Questions about one image or clip, at most, and one of each family."""

_PATIENCE = 4000
"""Scenes in a row without a question that is still wanted, after which a wanted answer is given up for others."""

_Slot = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A scene with its questions."""

    views: tuple[Annotation, ...]
    """One image, or the frames of a clip."""
    world: World
    questions: tuple[Question, ...]


def asked_scenes(
    split: Split, count: int, seed: int, families: Sequence[str] | None = None
) -> Iterator[Asked]:
    """Scenes with `count` questions in all, shared evenly by the families; the same arguments, the same scenes.

    The worlds take turns, so that the first questions are a mixture too.

    Raises:
        UserError: an unknown split or family, or too small a count.
    """
    # Before the first scene is asked for, so that nobody opens a file for a mistake.
    return _asked_scenes(split, _chosen(split, count, families), count, seed)


def _asked_scenes(split: Split, chosen: Sequence[Family], count: int, seed: int) -> Iterator[Asked]:
    shares = {f.name: count // len(chosen) + (k < count % len(chosen)) for k, f in enumerate(chosen)}
    streams: list[Iterator[Asked]] = []
    for k, world in enumerate(WORLDS):
        rng = np.random.default_rng((seed, SPLITS.index(split), k))
        there = [f for f in chosen if f.world == world]
        wanted = {f.name: _wanted(f, shares[f.name], rng) for f in there}
        streams.append(_fill(world, split, there, wanted, rng))
    while streams:
        for stream in list(streams):
            scene = next(stream, None)
            if scene is None:
                streams.remove(stream)
            else:
                yield scene


def _chosen(split: str, count: int, families: Sequence[str] | None) -> list[Family]:
    if split not in SPLITS:
        raise UserError(f"there is no split {split!r}; choose one of {', '.join(SPLITS)}")
    unknown = sorted(set(families or ()) - set(FAMILIES))
    if unknown:
        raise UserError(f"there is no family {unknown[0]!r}; choose from {', '.join(FAMILIES)}")
    chosen = [FAMILIES[name] for name in families or FAMILIES]
    if count < len(chosen):
        raise UserError(
            f"{count} questions are too few for {len(chosen)} families; ask for one of each at least"
        )
    return chosen


def _wanted(family: Family, count: int, rng: np.random.Generator) -> Counter[_Slot]:
    """How many questions of each variant and answer: as even as whole numbers can be."""
    variants = list(family.balanced)
    wanted: Counter[_Slot] = Counter()
    for k, variant in enumerate(rng.permutation(variants).tolist()):
        share = count // len(variants) + (k < count % len(variants))
        answers = family.balanced[variant] or (None,)
        order = rng.permutation(len(answers)).tolist()
        for n in range(share):
            wanted[variant, answers[order[n % len(answers)]]] += 1
    return wanted


def _fill(
    world: World,
    split: Split,
    families: list[Family],
    wanted: dict[str, Counter[_Slot]],
    rng: np.random.Generator,
) -> Iterator[Asked]:
    idle = 0
    while open_families := [f for f in families if wanted[f.name].total() > 0]:
        views = lay_out(world, draw_plan(world, split, rng), rng)
        found = [] if views is None else _questions(views, split, open_families, wanted, rng)
        if views is not None and found:
            idle = 0
            yield Asked(views, world, tuple(found))
        else:
            idle += 1
        if idle >= _PATIENCE:
            _settle(wanted, open_families)
            idle = 0


def _questions(
    views: tuple[Annotation, ...],
    split: Split,
    families: list[Family],
    wanted: dict[str, Counter[_Slot]],
    rng: np.random.Generator,
) -> list[Question]:
    found: list[Question] = []
    neediest = sorted(families, key=lambda f: -wanted[f.name].total())
    for family in neediest:
        if len(found) == PER_SCENE:
            break
        slots = wanted[family.name]
        for query in family.propose(views, rng):
            if not any(variant == query.variant and n > 0 for (variant, _), n in slots.items()):
                continue
            question = ask(query, views, split, rng)
            slot = question and _slot(family, question)
            if question and slot and slots[slot] > 0:
                slots[slot] -= 1
                found.append(question)
                break
    return found


def _slot(family: Family, question: Question) -> _Slot:
    variant, solution = question.query.variant, question.solution
    return variant, (solution.key or solution.answer) if family.balanced[variant] else None


def _settle(wanted: dict[str, Counter[_Slot]], families: list[Family]) -> None:
    """Give up the answer that is scarcest, in favour of the same family's other answers."""
    for family in families:
        slots = wanted[family.name]
        scarce = [slot for slot, n in slots.items() if n > 0]
        others = [slot for slot in slots if slot not in scarce]
        if not others:
            raise UserError(f"the family {family.name!r} has nothing to ask; leave it out")
        moved = sum(slots.pop(slot) for slot in scarce)
        for n in range(moved):
            slots[others[n % len(others)]] += 1
