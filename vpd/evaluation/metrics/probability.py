"""Scores for predicted probabilities, as Hateful Memes is scored (Kiela et al., NeurIPS 2020)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def auroc(labels: Sequence[bool], probabilities: ArrayLike) -> float:
    """Area under the ROC curve: how often a positive gets a higher probability than a negative, ties as half.

    Computed from ranks (Mann and Whitney, 1947).

    Args:
        labels: which of the n rows are positive.
        probabilities: P(yes) of each row, shape (n,); only their order matters.

    Raises:
        ValueError: the labels are all alike, or a probability is not a number.
    """
    positive = np.asarray(labels, dtype=bool)
    scores = np.asarray(probabilities, dtype=np.float64)
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        raise ValueError("AUROC needs at least one positive and one negative row")
    if np.isnan(scores).any():
        raise ValueError("AUROC needs a probability for every row; at least one is not a number")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]  # of equal scores, the middle of their ranks
    return float((rank[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
