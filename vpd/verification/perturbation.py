"""Which programs are run on changed images too, so that the calls this adds stay within bounds."""

from collections.abc import Sequence

from vpd.records import Candidate, Evidence, Execution, Json
from vpd.verification.agreement import saw
from vpd.verification.gathering import Asked


class Allowance:
    """How many more calls may be made: a share of those that were made, carried over from question to question."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._left = 0.0

    def earn(self, calls: int) -> None:
        self._left += self._share * calls

    def spend(self, calls: int) -> bool:
        """Whether so many calls may be made; they are then taken to be made."""
        if calls > self._left:
            return False
        self._left -= calls
        return True


def to_perturb(question: Asked, evidence: Sequence[Evidence], allowance: Allowance) -> list[Candidate]:
    """Candidates that may be kept, the likeliest by their language model first, as far as the allowance goes."""
    seen = [saw(execution) for execution in question.executions]
    allowance.earn(len(frozenset[str]().union(*seen)))
    open_to_it = [number for number, row in enumerate(evidence) if row.worlds is not None and seen[number]]
    open_to_it.sort(key=lambda number: -(question.candidates[number].log_probability or 0.0))
    chosen: list[Candidate] = []
    asked: frozenset[str] = frozenset()
    for number in open_to_it:
        if allowance.spend(len(seen[number] - asked)):
            asked |= seen[number]
            chosen.append(question.candidates[number])
    return chosen


def with_answers(
    evidence: Sequence[Evidence],
    change: str,
    candidates: Sequence[Candidate],
    executions: Sequence[Execution],
) -> list[Evidence]:
    """The same rows, with what some candidates answered about the changed images.

    A tool that does not know the changed image, as one that reads annotations, tells nothing of the program.
    """
    answers: dict[int, Json] = {
        candidate.index: {change: execution.answer}
        for candidate, execution in zip(candidates, executions, strict=True)
        if execution.status != "tool_error"
    }
    return [
        row.model_copy(update={"perturbed": answers[row.index]}) if row.index in answers else row
        for row in evidence
    ]
