"""From a query to a question: wording, gold answer, gold program and reasoning."""

from dataclasses import dataclass

import numpy as np

from vpd.records import AnswerType
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.questions.family import Query, Solution, Views
from vpd.tabletop.questions.writer import Writer
from vpd.tabletop.splits import Split, may_ask, novelties


@dataclass(frozen=True, slots=True)
class Question:
    query: Query
    text: str
    solution: Solution
    program: str
    novel: tuple[str, ...]
    """What training never put together: compositions, and `phrasing`."""

    @property
    def answer(self) -> str:
        return self.solution.answer

    @property
    def answer_type(self) -> AnswerType:
        return FAMILIES[self.query.family].answer_type

    @property
    def choices(self) -> tuple[str, ...]:
        return FAMILIES[self.query.family].choices(self.query)


def solve(query: Query, views: Views) -> Solution | None:
    """The truth about any views; None if the question is ambiguous there, or presumes what is not so."""
    return FAMILIES[query.family].solve(query, views)


def word(query: Query, split: Split, rng: np.random.Generator) -> str:
    """The question in one of the split's phrasings."""
    templates = FAMILIES[query.family].phrasing(query.variant).of(split)
    text = templates[rng.integers(len(templates))].format(**query.slots)
    return text[0].upper() + text[1:]


def write(query: Query, rng: np.random.Generator) -> str:
    """A program for the query, in one of many styles."""
    family = FAMILIES[query.family]
    return family.program(query, Writer(rng, video=family.world == "clip"))


def ask(query: Query, views: Views, split: Split, rng: np.random.Generator) -> Question | None:
    """None where the split may not ask this, or there is no one answer."""
    if not may_ask(split, query.topic, query.kinds):
        return None
    solution = solve(query, views)
    if solution is None:
        return None
    new = tuple(name for name, first in novelties(query.topic, query.kinds).items() if first != "train")
    return Question(
        query,
        word(query, split, rng),
        solution,
        write(query, rng),
        new if split == "train" else (*new, "phrasing"),
    )
