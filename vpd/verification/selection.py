"""Which of a question's kept candidates represents it."""

import math
from collections.abc import Sequence

from vpd.records import Candidate, Verdict


def select(candidates: Sequence[Candidate], verdicts: Sequence[Verdict]) -> Verdict | None:
    """The kept candidate most likely to be right for the right reasons.

    Among those equally likely to a hundredth, and where no probabilities are known (as under VPD's own rule,
    section 3.1), the one that its language model thought most probable; then the shortest, then the first.
    """
    kept = [
        (candidate, verdict) for candidate, verdict in zip(candidates, verdicts, strict=True) if verdict.kept
    ]
    if not kept:
        return None

    def rank(pair: tuple[Candidate, Verdict]) -> tuple[float, float, int, int]:
        candidate, verdict = pair
        known = candidate.log_probability
        return (
            -round(verdict.probability or 0.0, 2),
            -known if known is not None else math.inf,
            len(candidate.program),
            candidate.index,
        )

    return min(kept, key=rank)[1]
