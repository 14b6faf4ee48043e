"""How far people who judged the same things agree, beyond what chance would bring about."""

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Cohen's kappa (1960) of two raters' labels of the same things.

    Returns:
        1 for perfect agreement, 0 for that of chance; None where there is nothing to tell: no things, or both
        raters gave one and the same label throughout.
    """
    n = len(first)
    if n == 0:
        return None
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    counts_a, counts_b = Counter(first), Counter(second)
    expected = sum(counts_a[label] * counts_b[label] for label in counts_a) / n**2
    return None if expected == 1 else (agreed - expected) / (1 - expected)


def fleiss_kappa(things: Sequence[Sequence[Hashable]]) -> float | None:
    """Fleiss' kappa (1971): each thing labelled by as many raters, who need not be the same.

    Args:
        things: the labels of each.

    Returns:
        As `cohen_kappa`.

    Raises:
        ValueError: the things have different numbers of labels, or fewer than two.
    """
    if not things:
        return None
    raters = len(things[0])
    if raters < 2 or any(len(labels) != raters for labels in things):
        raise ValueError("Fleiss' kappa needs the same number of labels for each thing, at least two")
    counts = [Counter(labels) for labels in things]
    agreed = sum(
        (sum(c * c for c in count.values()) - raters) / (raters * (raters - 1)) for count in counts
    ) / len(things)
    shares = Counter(label for labels in things for label in labels)
    expected = sum((c / (len(things) * raters)) ** 2 for c in shares.values())
    return None if expected == 1 else (agreed - expected) / (1 - expected)


def krippendorff_alpha(things: Sequence[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal labels (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability).

    Args:
        things: the labels of each, by any number of raters; those with fewer than two do not count.

    Returns:
        As `cohen_kappa`.
    """
    paired = [labels for labels in things if len(labels) > 1]
    n = sum(map(len, paired))
    totals = Counter(label for labels in paired for label in labels)
    # Ordered pairs of labels of one thing, each thing counted with its number of labels.
    observed = sum(
        (len(labels) ** 2 - sum(c * c for c in Counter(labels).values())) / (len(labels) - 1)
        for labels in paired
    )
    expected = n * n - sum(c * c for c in totals.values())
    return 1 - (n - 1) * observed / expected if expected else None
