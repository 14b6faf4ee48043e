"""How sure a score or a difference of scores is: paired bootstrap intervals and McNemar's test."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_CHUNK = 2**22
"""Indices drawn at a time: 32 MB."""


class Interval(NamedTuple):
    """An estimate with its confidence interval."""

    estimate: float
    low: float
    high: float


class McNemar(NamedTuple):
    """A comparison of two systems on the questions that only one of them answered right."""

    only_first: int
    only_second: int
    exact: float
    """Two-sided p-value of the exact conditional test, which is conservative."""
    mid: float
    """Two-sided mid-p-value, which holds the nominal level closely."""


def mean_interval(
    scores: ArrayLike, rng: np.random.Generator, *, resamples: int = 10_000, confidence: float = 0.95
) -> Interval:
    """The mean of one score per question, with its percentile bootstrap interval (Efron, 1979).

    Args:
        scores: shape (n,).
        rng: fix its seed to get the same interval again.

    Raises:
        ValueError: there are no scores.
    """
    values = np.asarray(scores, dtype=np.float64)
    _need_rows(len(values))
    means = np.empty(resamples)
    step = max(1, _CHUNK // len(values))
    for start in range(0, resamples, step):
        drawn = rng.integers(len(values), size=(min(step, resamples - start), len(values)))
        means[start : start + step] = values[drawn].mean(axis=1)
    return _percentiles(float(values.mean()), means, confidence)


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    rng: np.random.Generator,
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
) -> Interval:
    """The mean of `first` − `second`, scores of two systems on the same n questions, with its interval.

    Questions are resampled, each with both its scores, so that how hard they are cancels out. Where the difference
    is the same for all of them, resampling knows no other: the interval then reaches as far as it would if the
    share of questions of which that holds were the lower end of its Clopper-Pearson interval, and the others
    differed by 1 either way.

    Raises:
        ValueError: the two have different lengths, or none.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"paired scores must be of the same questions: there are {len(a)} and {len(b)}")
    found = mean_interval(a - b, rng, resamples=resamples, confidence=confidence)
    if found.low < found.high:
        return found
    others = 1 - ((1 - confidence) / 2) ** (1 / len(a))
    return Interval(
        found.estimate,
        max(-1.0, found.estimate - others * (1 + found.estimate)),
        min(1.0, found.estimate + others * (1 - found.estimate)),
    )


def statistic_interval(
    statistic: Callable[[NDArray[np.int64]], float],
    rows: int,
    rng: np.random.Generator,
    *,
    resamples: int = 2_000,
    confidence: float = 0.95,
) -> Interval:
    """The same for what is not a mean of scores: an F1, an AUROC, or the difference of two systems' AUROCs.

    Args:
        statistic: its value on the rows at the given indices, shape (rows,), some of which occur repeatedly; not a
            number where it is not defined. Resamples on which it is not are left out.
        rows: how many there are.
    """
    _need_rows(rows)
    estimate = statistic(np.arange(rows))
    if math.isnan(estimate):
        return Interval(estimate, estimate, estimate)
    values = np.array([statistic(rng.integers(rows, size=rows)) for _ in range(resamples)])
    return _percentiles(estimate, values[~np.isnan(values)], confidence)


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """Whether two systems are right equally often on the same questions.

    Of the questions that only one system answered right, each falls to either with probability one half if
    they are equally good (McNemar, 1947). Mid-p as in Fagerland, Lydersen and Laake (2013). Without such
    questions both p-values are 1.
    """
    only_first = sum(a and not b for a, b in zip(first, second, strict=True))
    only_second = sum(b and not a for a, b in zip(first, second, strict=True))
    return McNemar(only_first, only_second, *_binomial_test(only_first, only_second))


def _binomial_test(a: int, b: int) -> tuple[float, float]:
    """Exact and mid two-sided p-values of a fair coin that fell a times on one side and b on the other."""
    n, fewer = a + b, min(a, b)
    if n == 0:
        return 1.0, 1.0
    ways, tail = 1, 0  # of exactly i, and of up to i, on one side
    for i in range(fewer + 1):
        tail += ways
        ways = ways * (n - i) // (i + 1)
    at_fewer = math.comb(n, fewer) / 2**n
    exact = min(1.0, 2 * tail / 2**n)
    return exact, exact - at_fewer * (0.5 if a == b else 1.0)


def _percentiles(estimate: float, resampled: NDArray[np.float64], confidence: float) -> Interval:
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high))


def _need_rows(rows: int) -> None:
    if rows == 0:
        raise ValueError("there is nothing to resample: no question was scored")
