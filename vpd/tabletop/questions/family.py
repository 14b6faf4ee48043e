"""What a family of questions is made of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

import numpy as np

from vpd.records import AnswerType
from vpd.tabletop.annotation import Annotation, PixelBox
from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.writer import Writer
from vpd.tabletop.splits import SPLITS, Split

World = Literal["solids", "signs", "wide", "clip"]
"""Solids alone; with readable cards; seen from afar with small cards; 16 frames in which something happens."""
WORLDS: tuple[World, ...] = get_args(World)

Views = Sequence[Annotation]
"""What the question is about: one image, or the frames of a clip in time order."""


class Query(NamedTuple):
    """What is asked, apart from how it is worded and of which scene."""

    family: str
    variant: str
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    """What else the question names: a property, a word on a sign."""

    @property
    def topic(self) -> str:
        return f"{self.family} {self.variant}"

    @property
    def slots(self) -> dict[str, str]:
        """What a phrasing can name: `{a}`, `{a_s}` and `{one_a}` are the first kind: singular, plural, with article."""
        slots: dict[str, str] = {}
        for letter, kind in zip("abc", self.kinds, strict=False):
            slots |= {letter: kind.phrase, f"{letter}_s": kind.plural, f"one_{letter}": kind.one}
        return slots | {f"w{k}": word for k, word in enumerate(self.words)}


class Step(NamedTuple):
    """A sentence that is true of the scene, and where that can be seen."""

    text: str
    boxes: tuple[PixelBox, ...] = ()
    frame: int | None = None
    """Of a clip: which frame the boxes are in."""


class Solution(NamedTuple):
    answer: str
    steps: tuple[Step, ...]
    key: str | None = None
    """What answers are balanced by, where that is not the answer itself: the position of the right choice."""


class Phrasings(NamedTuple):
    """Templates over `Query.slots`; no split shares one with another."""

    train: tuple[str, ...]
    val: tuple[str, ...]
    test: tuple[str, ...]

    def of(self, split: Split) -> tuple[str, ...]:
        return self[SPLITS.index(split)]


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    world: World
    answer_type: AnswerType
    balanced: Mapping[str, tuple[str, ...]]
    """Per variant, the answers (or `Solution.key`s) that occur equally often; () where answers are open."""
    phrasings: Mapping[str, Phrasings]
    """Per variant; `*` stands for those not named."""
    propose: Callable[[Views, np.random.Generator], Iterator[Query]]
    """Things that could be asked about these views; not all can be answered."""
    solve: Callable[[Query, Views], Solution | None]
    """The truth; None if the question is ambiguous there, or presumes what is not so."""
    program: Callable[[Query, Writer], str]
    """A program that answers the question about any views: it knows the query alone."""
    choices: Callable[[Query], tuple[str, ...]] = field(default=lambda _: ())

    def phrasing(self, variant: str) -> Phrasings:
        return self.phrasings.get(variant) or self.phrasings["*"]

    @property
    def majority(self) -> float:
        """How often the best constant answer is right by construction; 0 where the answers are open."""
        shares: dict[str, float] = {}
        for answers in self.balanced.values():
            for answer in answers:
                shares[answer] = shares.get(answer, 0.0) + 1 / (len(answers) * len(self.balanced))
        return max(shares.values(), default=0.0)
