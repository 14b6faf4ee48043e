"""Which of a question's kept candidates represents it."""

import math
from collections.abc import Sequence

from vpd.records import Candidate, Verdict


def select(candidates: Sequence[Candidate], verdicts: Sequence[Verdict]) -> Verdict | None:
    """The kept candidate that its language model thought most probable, as in VPD (section 3.1).

    Among equals, and where no probabilities are known, the shortest program, then the first.
    """
    kept = [
        (candidate, verdict) for candidate, verdict in zip(candidates, verdicts, strict=True) if verdict.kept
    ]
    if not kept:
        return None

    def rank(pair: tuple[Candidate, Verdict]) -> tuple[float, int, int]:
        candidate = pair[0]
        known = candidate.log_probability
        return (-known if known is not None else math.inf, len(candidate.program), candidate.index)

    return min(kept, key=rank)[1]
