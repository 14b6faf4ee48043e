"""Two systems on the same questions: the difference of their scores, and whether chance explains it."""

from dataclasses import dataclass

import numpy as np

from vpd.evaluation.intervals import Interval, McNemar, mcnemar, paired_difference, statistic_interval
from vpd.evaluation.scoring import RIGHT_FROM, Rows, Scores


@dataclass(frozen=True)
class Comparison:
    """How a first system compares with a second one."""

    questions: int
    """That both were asked."""
    difference: Interval
    """First − second, of the headline score, with its paired 95 % bootstrap interval."""
    test: McNemar
    """On which questions only one of them is right, where right means a score of at least one half."""


def compare(first: Scores, second: Scores, seed: int = 0, resamples: int = 2_000) -> Comparison | None:
    """Compare two systems on the questions that both were asked; None where there are none."""
    places = {identity: place for place, identity in enumerate(second.ids)}
    common = [(place, places[identity]) for place, identity in enumerate(first.ids) if identity in places]
    if not common:
        return None
    a, b = (np.array(rows, dtype=np.int64) for rows in zip(*common, strict=True))
    rng = np.random.default_rng(seed)
    if first.statistic is None:
        difference = paired_difference(first.each[a], second.each[b], rng, resamples=resamples)
    else:

        def of(drawn: Rows) -> float:
            return first.value(a[drawn]) - second.value(b[drawn])

        difference = statistic_interval(of, len(common), rng, resamples=resamples)
    right = [bool(score >= RIGHT_FROM) for score in first.each[a]]
    other = [bool(score >= RIGHT_FROM) for score in second.each[b]]
    return Comparison(len(common), difference, mcnemar(right, other))
