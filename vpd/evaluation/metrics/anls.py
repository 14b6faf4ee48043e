"""Average normalised Levenshtein similarity, as InfographicVQA is scored (Biten et al., ICCV 2019)."""

from collections.abc import Sequence


def anls(prediction: str | None, references: Sequence[str], threshold: float = 0.5) -> float:
    """The best of 1 − distance / length over the references, or 0 if that is below the threshold.

    Distance is in characters, after lower-casing and collapsing spaces; length is that of the longer text as it
    was written, as in the evaluation script of the Robust Reading Competition.
    """
    if prediction is None:
        return 0.0
    best = max((_similarity(prediction, reference) for reference in references), default=0.0)
    return best if best >= threshold else 0.0


def _similarity(a: str, b: str) -> float:
    length = max(len(a), len(b))
    return 1 - levenshtein(_plain(a), _plain(b)) / length if length else 1.0


def levenshtein(a: str, b: str) -> int:
    """The fewest insertions, deletions and substitutions of characters that turn `a` into `b`."""
    row = list(range(len(b) + 1))
    for i, of_a in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, of_b in enumerate(b, start=1):
            substituted = diagonal + (of_a != of_b)
            diagonal = row[j]
            row[j] = min(substituted, diagonal + 1, row[j - 1] + 1)
    return row[-1]


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
