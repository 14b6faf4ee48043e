"""Fits the score where the truth is known, and says what it is worth on data it was not fitted on."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.tabletop_programs.logistic import Floats, Logistic, fit
from vpd.verification.features import FEATURES
from vpd.verification.score import Bin, Score, Threshold, Weights

RIDGE = 1.0
FOLDS = 5

OF_AGREEMENT = ("agreement", "agreement otherwise")
ALONE = tuple(name for name in FEATURES if name not in OF_AGREEMENT)
# Without labels nothing tells which programs have understood their question.
UNLABELLED = tuple(name for name in FEATURES if name not in ("prior", "right elsewhere", "precedent"))


FOR_IT = ("right elsewhere", "precedent", "agreement", "agreement otherwise", "prior")
"""More of these makes a program likelier to be right; more of all others makes it less likely."""


class Rows(NamedTuple):
    """Programs to fit on or to measure with."""

    features: list[dict[str, float]]
    right: Floats
    """(rows,), 0 or 1."""
    groups: list[str]
    """The question that each belongs to: its programs are never split between folds."""

    def matrix(self, names: Sequence[str]) -> Floats:
        return np.array([[row[name] for name in names] for row in self.features], float).reshape(
            -1, len(names)
        )


def weights(rows: Rows, names: Sequence[str]) -> Weights:
    fitted = _fit(rows.matrix(names), rows.right, names)
    return Weights(
        intercept=round(fitted.intercept, 4),
        weights={
            name: round(float(weight), 4)
            for name, weight in zip(names, fitted.weights, strict=True)
            if weight
        },
    )


def _fit(x: Floats, y: Floats, names: Sequence[str]) -> Logistic:
    """Without the features that would count the wrong way: what they mean is known, so that is noise.

    One such feature is left out at a time, the one with the largest weight, until there is none.
    """
    expected = np.array([1.0 if name in FOR_IT else -1.0 for name in names])
    used = np.ones(len(names), bool)
    while True:
        part = fit(x[:, used], y, RIDGE)
        found = np.zeros(len(names))
        found[used] = part.weights
        wrong = np.where(found * expected < 0, np.abs(found), 0.0)
        if not wrong.any():
            return Logistic(found, part.intercept)
        used[int(wrong.argmax())] = False


def score(rows: Rows, names: Sequence[str]) -> Score:
    """Fitted on all rows; thresholds and reliability from cross-validation."""
    held_out = cross_validated(rows, names)
    fitted = weights(rows, names)
    return Score(
        intercept=fitted.intercept,
        weights=fitted.weights,
        thresholds=thresholds(held_out, rows.right),
        reliability=reliability(held_out, rows.right),
    )


def cross_validated(rows: Rows, names: Sequence[str]) -> Floats:
    """(rows,): the probability of each by a model fitted on other questions."""
    x = rows.matrix(names)
    order = {group: number for number, group in enumerate(dict.fromkeys(rows.groups))}
    fold = np.array([order[group] % FOLDS for group in rows.groups])
    found = np.zeros(len(x))
    for k in range(FOLDS):
        found[fold == k] = _fit(x[fold != k], rows.right[fold != k], names).probability(x[fold == k])
    return found


def thresholds(predicted: Floats, right: Floats, steps: int = 50) -> tuple[Threshold, ...]:
    """The precision above each of some scores, by rising score."""
    levels = np.unique(np.round(np.quantile(predicted, np.linspace(0, 0.98, steps)), 4))
    found: list[Threshold] = []
    for level in levels.tolist():
        above = predicted >= level
        found.append(
            Threshold(
                score=level,
                precision=round(float(right[above].mean()), 4),
                kept=round(float(above.mean()), 4),
            )
        )
    return tuple(found)


def reliability(predicted: Floats, right: Floats, bins: int = 10) -> tuple[Bin, ...]:
    """Equally many programs in each bin."""
    parts = [part for part in np.array_split(np.argsort(predicted, kind="stable"), bins) if len(part)]
    return tuple(
        Bin(
            predicted=round(float(predicted[part].mean()), 4),
            right=round(float(right[part].mean()), 4),
            programs=len(part),
        )
        for part in parts
    )


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: the mean distance between predicted and measured, by programs."""
    programs = sum(each.programs for each in bins)
    return sum(each.programs * abs(each.predicted - each.right) for each in bins) / programs


def ranking(predicted: Floats, right: Floats) -> float:
    """The area under the ROC curve."""
    ranks = np.empty(len(predicted))
    order = np.argsort(predicted, kind="stable")
    values = predicted[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    ends = np.r_[starts[1:], len(values)]
    for start, end in zip(starts, ends, strict=True):
        ranks[order[start:end]] = (start + end - 1) / 2  # equal scores share their rank
    positive = right.sum()
    negative = len(right) - positive
    return float((ranks[right == 1].sum() - positive * (positive - 1) / 2) / (positive * negative))
