"""What is usual in a run: how often answers are right by luck, and which words of questions programs look for."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from vpd.records import AnswerType, Evidence, Example, Execution
from vpd.verification.agreement import answer_key
from vpd.verification.answers import match
from vpd.verification.relevance import asked_terms, from_json
from vpd.verification.terms import sorts

_LUCK: dict[AnswerType, float] = {"yes_no": 0.5, "number": 0.2, "choice": 0.3, "open": 0.05}
"""Probability of being right by luck, where the data says nothing yet."""
_UNDERSTOOD = 0.5
"""Share of programs that have understood the question, likewise."""
_COUNT_AS = 8.0
"""How many answers these count for."""

_LOOKED_FOR = 0.75
"""Share of programs that look for a word of the question, where the data says nothing yet."""
_WORD_COUNTS_AS = 4.0
"""How many programs that counts for."""


_LIST = 3
"""So many options of one sort are a list of what there is."""


class Chance(NamedTuple):
    """What is known of an answer before looking at the program that gave it."""

    luck: float
    """Probability that a program that has not understood the question answers so."""
    prior: float
    """Probability that a program whose answer is the label's has understood the question."""


@dataclass(slots=True)
class _Group:
    answers: Counter[str] = field(default_factory=Counter[str])
    labels: Counter[str] = field(default_factory=Counter[str])
    judged: int = 0
    correct: int = 0


class Survey:
    """Counts a run, a question at a time; its size grows with how many ways of building a program there are."""

    def __init__(self) -> None:
        self._groups: defaultdict[tuple[str, AnswerType], _Group] = defaultdict(_Group)
        self._asked: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._foreign: defaultdict[str, Counter[str]] = defaultdict(Counter[str])
        self._programs: Counter[str] = Counter()
        self._offering: Counter[tuple[str, str]] = Counter()
        self._offered: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter[str])
        self._precedents: Counter[tuple[str, bool]] = Counter()

    def add(self, example: Example, executions: Iterable[Execution], evidence: Iterable[Evidence]) -> None:
        """Count a question with its programs."""
        group = self._groups[example.source, example.answer_type]
        terms = asked_terms(example)
        builds: set[tuple[str, bool]] = set()
        for execution, found in zip(executions, evidence, strict=True):
            if execution.status != "ok":
                continue
            group.answers[answer_key(execution.answer, example)] += 1
            if example.answers:
                group.judged += 1
                correct = match(execution.answer, example).correct
                group.correct += correct
                if found.relevance is not None:
                    builds.add((from_json(found.relevance).build, correct))
            if found.relevance is not None:
                self._asked.update(terms)
                told = from_json(found.relevance)
                self._missing.update(told.missing)
                self._foreign[example.source].update(told.foreign)
                self._programs[example.source] += 1
                self._add_offered(example.source, told.offered)
        if example.answers:
            group.labels[answer_key(example.answers[0], example)] += 1
        self._precedents.update(builds)

    def _add_offered(self, source: str, offered: Iterable[str]) -> None:
        for sort, words in _by_sort(offered).items():
            self._offering[source, sort] += 1
            self._offered[source, sort].update(words)

    def withheld(self, source: str, offered: Iterable[str]) -> list[str]:
        """Options that most programs of a source offer a model together with these, and these lack."""
        return [
            word
            for sort, words in _by_sort(offered).items()
            for word, count in self._offered[source, sort].items()
            if word not in words and 2 * count > self._offering[source, sort] + _WORD_COUNTS_AS
        ]

    def precedents(self, build: str, correct: bool | None) -> tuple[int, int]:
        """About how many other questions programs of the same build gave the label's answer, and about how many not.

        Args:
            build: see `builds.build`.
            correct: whether the program itself gives the label's answer: its own question does not count.
        """
        right, wrong = self._precedents[build, True], self._precedents[build, False]
        return right - (correct is True), wrong - (correct is False)

    def matched(self, example: Example) -> float:
        """The share of the answers of a source that are the label's."""
        group = self._groups[example.source, example.answer_type]
        usual = 1 / len(example.choices) if example.choices else _LUCK[example.answer_type]
        return (group.correct + _COUNT_AS * (_UNDERSTOOD + (1 - _UNDERSTOOD) * usual)) / (
            group.judged + _COUNT_AS
        )

    def looked_for(self, term: str) -> float:
        """The share of the programs that look for a term where the question has it."""
        found = self._asked[term] - self._missing[term] + _WORD_COUNTS_AS * _LOOKED_FOR
        return found / (self._asked[term] + _WORD_COUNTS_AS)

    def usual(self, source: str, term: str) -> float:
        """The share of the programs of a source that look for a term of which their question says nothing."""
        return self._foreign[source][term] / (self._programs[source] + _WORD_COUNTS_AS)

    def chance(self, example: Example, answer: str) -> Chance:
        """Of an answer to a question.

        Programs that have not understood the question are taken to answer as all programs of the source do. With
        m the share of answers that are the label's and l the share that would be so by luck, a share
        π = (m − l) / (1 − l) has understood it (the form of Cohen's kappa), and of those that give the label's
        answer π / m.
        """
        group = self._groups[example.source, example.answer_type]
        usual = 1 / len(example.choices) if example.choices else _LUCK[example.answer_type]
        answers, labels = group.answers.total(), group.labels.total()
        luck = (group.answers[answer_key(answer, example)] + _COUNT_AS * usual) / (answers + _COUNT_AS)
        shared = sum(count * group.labels[key] for key, count in group.answers.items())
        collisions = (shared / labels if labels else answers * usual) + _COUNT_AS * usual
        by_luck = collisions / (answers + _COUNT_AS)
        matched = self.matched(example)
        understood = min(max((matched - by_luck) / (1 - by_luck), 0.05), 0.98)
        return Chance(luck, understood / (understood + (1 - understood) * by_luck))


def _by_sort(words: Iterable[str]) -> dict[str, set[str]]:
    """Words that are one of several by what they are several of, where there are three at least."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word in words:
        for sort in sorts(word):
            found[sort].add(word)
    return {sort: members for sort, members in found.items() if len(members) >= _LIST}


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))
