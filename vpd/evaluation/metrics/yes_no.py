"""POPE: does a model say yes to objects that are not there? (Li et al., EMNLP 2023)."""

from collections.abc import Sequence
from typing import NamedTuple


class YesNoScores(NamedTuple):
    """All in [0, 1], with `yes` as the positive class. A ratio without cases is 0."""

    f1: float
    accuracy: float
    precision: float
    recall: float
    yes_ratio: float
    """Share of the predictions, not of the labels, that say yes."""


def read_prediction(text: str | None) -> bool | None:
    """What the benchmark's script takes a prediction for; None only where there is none.

    It is a no if its first sentence has the word `no` or `not`, and a yes otherwise. Case does not matter
    here, while the script knows `no` and `No` but no `NO`.
    """
    if text is None or not text.strip():
        return None
    words = text.split(".")[0].replace(",", "").lower().split()
    return "no" not in words and "not" not in words


def yes_no_scores(predictions: Sequence[bool | None], labels: Sequence[bool]) -> YesNoScores:
    """POPE's five figures. A prediction of None counts as neither yes nor no, and is wrong."""
    pairs = list(zip(predictions, labels, strict=True))
    true_yes = sum(prediction is True and label for prediction, label in pairs)
    said_yes = sum(prediction is True for prediction, _ in pairs)
    precision = _ratio(true_yes, said_yes)
    recall = _ratio(true_yes, sum(labels))
    return YesNoScores(
        f1=_ratio(2 * precision * recall, precision + recall),
        accuracy=_ratio(sum(prediction is label for prediction, label in pairs), len(pairs)),
        precision=precision,
        recall=recall,
        yes_ratio=_ratio(said_yes, len(pairs)),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
