"""What is computed from the answers: the choice of a learning rate, and intervals over questions and seeds."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from vpd.evaluation.intervals import Interval, paired_difference

RESAMPLES = 10_000

_CHUNK = 2**20
"""Scores drawn at a time: 8 MB."""


class Chosen(NamedTuple):
    """A learning rate, chosen among others."""

    rate: float
    accuracy: float
    """On the validation questions."""
    at_edge: bool
    """Whether it is the lowest or the highest of several: a better one may lie beyond."""


def choose_rate(accuracies: Mapping[float, float]) -> Chosen:
    """The rate of the highest accuracy, the lowest of equals."""
    rate = min(accuracies, key=lambda each: (-accuracies[each], each))
    at_edge = len(accuracies) > 1 and rate in (min(accuracies), max(accuracies))
    return Chosen(rate, accuracies[rate], at_edge)


def over_seeds(scores: ArrayLike, resamples: int = RESAMPLES) -> Interval:
    """The mean of scores of several trainings on the same questions, with its 95 % bootstrap interval.

    Questions and trainings are resampled, independently (the pigeonhole bootstrap; Owen, 2007). Resampling S
    trainings gives their mean (S - 1) / S of the variance that it has, so their deviations are widened accordingly.
    With one training there is nothing to know of others, and the interval is one over questions alone.

    Args:
        scores: shape (trainings, questions); for paired systems the differences of their scores.

    Raises:
        ValueError: there are no scores.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"scores must be of trainings and questions, not of shape {values.shape}")
    trainings, questions = values.shape
    rng = np.random.default_rng(0)
    wider = np.sqrt(trainings / (trainings - 1)) if trainings > 1 else 0.0
    drawn = np.empty(resamples)
    step = max(1, _CHUNK // values.size)
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        each = values[:, rng.integers(questions, size=(count, questions))].mean(axis=2)
        some = np.take_along_axis(each, rng.integers(trainings, size=(trainings, count)), axis=0)
        middle = each.mean(axis=0)
        drawn[start : start + count] = middle + wider * (some.mean(axis=0) - middle)
    low, high = np.quantile(drawn, (0.025, 0.975))
    if low == high:  # all scores are alike, of which resampling knows no other
        return paired_difference(values.mean(axis=0), np.zeros(questions), rng, resamples=1)
    return Interval(float(values.mean()), float(low), float(high))


def clear_of_zero(interval: Interval) -> bool:
    """Whether chance is no likely explanation."""
    return interval.low > 0 or interval.high < 0
