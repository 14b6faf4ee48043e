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


def circular(indices: Sequence[int], correct: Sequence[bool]) -> dict[int, bool]:
    """By question: whether it was answered right under every rotation (MMBench, Liu et al., ECCV 2024).

    Args:
        indices: the benchmark's own `index` of each row.
        correct: whether the row's option was picked.

    Returns:
        One entry per question, in order of first appearance; their mean is the circular accuracy.
    """
    questions: dict[int, bool] = {}
    for index, right in zip(indices, correct, strict=True):
        question = index % _ROTATION
        questions[question] = questions.get(question, True) and right
    return questions
