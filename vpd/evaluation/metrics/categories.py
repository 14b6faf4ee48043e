"""Means by category, e.g. TallyQA's simple and complex questions."""

from collections.abc import Sequence
from statistics import fmean


def mean_by_category(scores: Sequence[float], categories: Sequence[str]) -> dict[str, float]:
    """The mean score of each category, in alphabetical order."""
    groups: dict[str, list[float]] = {}
    for score, category in zip(scores, categories, strict=True):
        groups.setdefault(category, []).append(score)
    return {category: fmean(groups[category]) for category in sorted(groups)}
