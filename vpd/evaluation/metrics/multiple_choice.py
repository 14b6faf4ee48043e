"""Accuracy on multiple-choice questions: A-OKVQA, V*, and MMBench under every rotation of its options."""

from collections.abc import Sequence

from vpd.text.choices import read_choice

_ROTATION = 1_000_000
"""MMBench numbers the k-th rotation of question q as q + k · 1,000,000."""


def picks(prediction: str | None, choices: Sequence[str], correct: int) -> bool:
    """Whether the prediction picks the option at index `correct`, by letter or by text.

    `choices` may be empty where the options stand in the question, as in V*; then only a letter picks.
    """
    return prediction is not None and read_choice(prediction, choices) == correct


def question_of(index: int) -> int:
    """The question that a row is a rotation of, by the benchmark's own `index` of both.

    A question is answered right if it is under every rotation; the share of such questions is the circular accuracy
    (MMBench, Liu et al., ECCV 2024).
    """
    return index % _ROTATION
