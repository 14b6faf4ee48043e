"""Predictions → scores: the official metric of each benchmark, with its interval and its categories."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpd.evaluation.benchmark import MetricName
from vpd.evaluation.intervals import Interval, mean_interval, statistic_interval
from vpd.evaluation.metrics.anls import anls
from vpd.evaluation.metrics.counting import same_count
from vpd.evaluation.metrics.exact_match import exact_match
from vpd.evaluation.metrics.multiple_choice import picks, question_of
from vpd.evaluation.metrics.probability import auroc
from vpd.evaluation.metrics.vqa_accuracy import direct_answer_accuracy, vqa_accuracy
from vpd.evaluation.metrics.yes_no import read_prediction, yes_no_scores
from vpd.evaluation.records import Item, Prediction
from vpd.records import Example
from vpd.text.choices import read_choice
from vpd.text.quantities import agree, read_quantity
from vpd.text.same import same_text
from vpd.text.vqa import soft_accuracy
from vpd.text.yes_no import read_yes_no

RIGHT_FROM = 0.5
"""The score from which an answer counts as right where right and wrong are told apart: McNemar's test, the report."""

_VOTES_FROM = 10

Rows = NDArray[np.int64]


class Answered(NamedTuple):
    """A question and one system's prediction."""

    item: Item
    prediction: Prediction


@dataclass(frozen=True)
class Scores:
    """One system's scores on one benchmark."""

    headline: str
    """What the score is called."""
    ids: tuple[str, ...]
    """Of what is scored one by one: questions, or groups of them."""
    categories: tuple[str, ...]
    each: NDArray[np.float64]
    """The score of each, in [0, 1]; shape (n,)."""
    statistic: Callable[[Rows], float] | None = None
    """The headline score on the rows at these indices, where it is not the mean of `each`."""
    figures: Mapping[str, float] | None = None
    """What else the benchmark reports, in [0, 1]."""
    answers: Mapping[str, float] | None = None
    """The score of each answer, by its question, where `ids` are groups of questions."""

    @property
    def by_answer(self) -> Mapping[str, float]:
        """The score of each answer, by its question."""
        return dict(zip(self.ids, self.each.tolist(), strict=True)) if self.answers is None else self.answers

    def value(self, rows: Rows | None = None) -> float:
        """The headline score; not a number where it is not defined."""
        rows = np.arange(len(self.ids)) if rows is None else rows
        if not len(rows):
            return math.nan
        return float(self.each[rows].mean()) if self.statistic is None else self.statistic(rows)

    def interval(self, seed: int = 0, rows: Rows | None = None, resamples: int = 2_000) -> Interval:
        """The headline score with its 95 % bootstrap interval, on all rows or on some; not numbers where it is not
        defined."""
        rng = np.random.default_rng(seed)
        rows = np.arange(len(self.ids)) if rows is None else rows
        if math.isnan(self.value(rows)):
            return Interval(math.nan, math.nan, math.nan)
        if self.statistic is None:
            scores = self.each[rows]
            if len(rows) and scores.min() == scores.max() and scores[0] in (0, 1):
                return _alike(float(scores[0]), len(rows))
            return mean_interval(scores, rng, resamples=resamples)
        of_rows, statistic = rows, self.statistic
        return statistic_interval(
            lambda drawn: statistic(of_rows[drawn]), len(of_rows), rng, resamples=resamples
        )

    def by_category(self) -> dict[str, Interval]:
        """In alphabetical order; empty where there are fewer than two categories."""
        names = np.array(self.categories)
        distinct = sorted(set(self.categories))
        if len(distinct) < 2:
            return {}
        return {name: self.interval(rows=np.flatnonzero(names == name)) for name in distinct}


def score(metric: MetricName, answered: Sequence[Answered]) -> Scores:
    """Score one system on the questions it was asked. A question without an answer is never right.

    Raises:
        ValueError: there are no questions, or too few references for the metric.
    """
    if not answered:
        raise ValueError("there is nothing to score")
    if metric == "circular":
        return _circular(answered)
    each = np.array([_SCORES[metric](one) for one in answered], dtype=np.float64)
    statistic, figures = None, None
    if metric == "yes_no":
        statistic, figures = _f1(answered), _pope(answered)
    elif metric == "auroc":
        statistic = _auroc(answered)
        figures = {"accuracy": float(each.mean())}
    return Scores(
        headline=_HEADLINES.get(metric, "accuracy"),
        ids=tuple(one.item.id for one in answered),
        categories=tuple(one.item.category for one in answered),
        each=each,
        statistic=statistic,
        figures=figures,
    )


def _alike(score: float, n: int) -> Interval:
    """The interval where all n answers are right, or none is, and every resample would be the same: Clopper and
    Pearson's (1934)."""
    reach = 1 - 0.025 ** (1 / n)
    return Interval(score, 0.0, reach) if score == 0 else Interval(score, 1 - reach, 1.0)


_HEADLINES = {
    "vqa_accuracy": "VQA accuracy",
    "direct_answer": "direct-answer accuracy",
    "circular": "circular accuracy",
    "yes_no": "F1",
    "auroc": "AUROC",
    "anls": "ANLS",
}


def _exact(one: Answered) -> float:
    return any(exact_match(one.prediction.answer, reference) for reference in one.item.example.answers)


def _picked(one: Answered) -> float:
    if one.item.correct is None:
        raise ValueError(f"{one.item.id} does not say which of its options is correct")
    return picks(one.prediction.answer, one.item.example.choices, one.item.correct)


def _counted(one: Answered) -> float:
    reference = one.item.example.answers[0]
    if not reference.isdecimal():
        raise ValueError(f"the reference of {one.item.id} is {reference!r}, which is no count")
    return same_count(one.prediction.answer, int(reference))


def _label(one: Answered) -> bool:
    reference = one.item.example.answers[0]
    label = read_yes_no(reference)
    if label is None:
        raise ValueError(f"the reference of {one.item.id} is {reference!r}, neither yes nor no")
    return label


def _said_yes(one: Answered) -> float:
    said = read_prediction(one.prediction.answer)
    return said is not None and said is _label(one)


def _probability(one: Answered) -> float:
    """P(yes). An answer without one is certain; a question without an answer is as wrong as can be."""
    prediction = one.prediction
    if prediction.answer is None:
        return 0.0 if _label(one) else 1.0
    if prediction.probability_yes is not None:
        return prediction.probability_yes
    said = read_yes_no(prediction.answer)
    return 0.5 if said is None else float(said)


def _likelier(one: Answered) -> float:
    answer, probability = one.prediction.answer, one.prediction.probability_yes
    if answer is None or (probability is None and read_yes_no(answer) is None):
        return False  # neither yes nor no
    return (_probability(one) >= 0.5) == _label(one)


def _same(one: Answered) -> float:
    """By the rules of the answer's type, as programs are judged: fewer than ten references are alternatives, ten or
    more are the votes of as many people."""
    said, example = one.prediction.answer, one.item.example
    if said is None:
        return 0.0
    agreeing = sum(_agrees(said, reference, example) for reference in example.answers)
    if len(example.answers) < _VOTES_FROM:
        return float(agreeing > 0)
    return soft_accuracy(agreeing, len(example.answers))


def _agrees(said: str, reference: str, example: Example) -> bool:
    match example.answer_type:
        case "yes_no" if (expected := read_yes_no(reference)) is not None:
            return read_yes_no(said) is expected
        case "number" if (number := read_quantity(reference)) is not None:
            found = read_quantity(said)
            return found is not None and agree(found, number)
        case "choice" if (index := read_choice(reference, example.choices)) is not None:
            return read_choice(said, example.choices) == index
        case _:
            return same_text(said, reference)


_SCORES: dict[MetricName, Callable[[Answered], float]] = {
    "exact_match": _exact,
    "vqa_accuracy": lambda one: vqa_accuracy(one.prediction.answer, one.item.example.answers),
    "direct_answer": lambda one: direct_answer_accuracy(one.prediction.answer, one.item.example.answers),
    "multiple_choice": _picked,
    "count": _counted,
    "yes_no": _said_yes,
    "auroc": _likelier,
    "anls": lambda one: anls(one.prediction.answer, one.item.example.answers),
    "same_answer": _same,
}


def _circular(answered: Sequence[Answered]) -> Scores:
    """Only questions of which every rotation was asked count: there are as many as options."""
    picked = {one.item.id: float(_picked(one)) for one in answered}
    rotations: dict[int, list[Answered]] = {}
    for one in answered:
        rotations.setdefault(question_of(int(one.item.id)), []).append(one)
    whole = {
        question: asked
        for question, asked in rotations.items()
        if len(asked) >= len(asked[0].item.example.choices)
    }
    right = [all(picked[one.item.id] for one in asked) for asked in whole.values()]
    return Scores(
        headline=_HEADLINES["circular"],
        ids=tuple(map(str, whole)),
        categories=tuple(asked[0].item.category for asked in whole.values()),
        each=np.array(right, dtype=np.float64),
        figures={"accuracy of single rotations": sum(picked.values()) / len(picked)},
        answers=picked,
    )


def _pope(answered: Sequence[Answered]) -> dict[str, float]:
    scores = yes_no_scores(
        [read_prediction(one.prediction.answer) for one in answered], [_label(one) for one in answered]
    )
    return {
        "accuracy": scores.accuracy,
        "precision": scores.precision,
        "recall": scores.recall,
        "yes ratio": scores.yes_ratio,
    }


def _f1(answered: Sequence[Answered]) -> Callable[[Rows], float]:
    label = np.array([_label(one) for one in answered])
    said = np.array([read_prediction(one.prediction.answer) is True for one in answered])

    def f1(rows: Rows) -> float:
        # The harmonic mean of precision and recall, written as one fraction.
        whole = int(label[rows].sum()) + int(said[rows].sum())
        return 2 * int((label & said)[rows].sum()) / whole if whole else 0.0

    return f1


def _auroc(answered: Sequence[Answered]) -> Callable[[Rows], float]:
    label = np.array([_label(one) for one in answered])
    probability = np.array([_probability(one) for one in answered])

    def area(rows: Rows) -> float:
        drawn = label[rows]
        if drawn.all() or not drawn.any():
            return math.nan  # one class has no order to the other
        return auroc(drawn.tolist(), probability[rows])

    return area
