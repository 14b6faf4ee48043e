"""Average normalised Levenshtein similarity, as InfographicVQA is scored (Biten et al., ICCV 2019)."""

from collections.abc import Sequence


def anls(prediction: str | None, references: Sequence[str], threshold: float = 0.5) -> float:
    """The best of 1 − distance / length over the references, or 0 if that is below the threshold.

    Distance and length (of the longer text) are in characters, after lower-casing and collapsing spaces. A
    value at the threshold counts, as in the evaluation script of the Robust Reading Competition.
    """
    if prediction is None or not prediction.strip():
        return 0.0
    plain = _plain(prediction)
    best = max((_similarity(plain, _plain(reference)) for reference in references), default=0.0)
    return best if best >= threshold else 0.0


def _similarity(a: str, b: str) -> float:
    return 1 - levenshtein(a, b) / max(len(a), len(b))


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
