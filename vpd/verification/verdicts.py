"""A question's executions and its label → one verdict per candidate, with its reason in words."""

from collections.abc import Sequence

from vpd.records import Candidate, Example, Execution, Verdict
from vpd.verification.answers import match
from vpd.verification.selection import select
from vpd.verification.settings import VerificationSettings


def judge(
    example: Example,
    candidates: Sequence[Candidate],
    executions: Sequence[Execution],
    settings: VerificationSettings,
) -> list[Verdict]:
    """One verdict per candidate of a question, in order; at most one is selected."""
    verdicts = [_verdict(example, execution, settings) for execution in executions]
    chosen = select(candidates, verdicts)
    return [
        verdict.model_copy(update={"selected": True}) if verdict is chosen else verdict
        for verdict in verdicts
    ]


def _verdict(example: Example, execution: Execution, settings: VerificationSettings) -> Verdict:
    def verdict(correct: bool | None, score: float | None, reason: str) -> Verdict:
        return Verdict(
            example_id=execution.example_id,
            index=execution.index,
            status=execution.status,
            correct=correct,
            score=score,
            kept=correct is True,
            reason=reason,
        )

    if execution.status != "ok":
        return verdict(False if example.answers else None, None, _failure(execution))
    if not example.answers:
        return verdict(
            None, None, f"answered {execution.answer!r}; the question has no label to compare with"
        )
    found = match(execution.answer, example)
    return verdict(found.score >= settings.accept_score, found.score, found.reason)


def _failure(execution: Execution) -> str:
    error = execution.error
    if error is None:
        return f"ended as {execution.status}"
    where = f" on line {error.line}" if error.line else ""
    return f"ended as {execution.status}{where}: {error.type}: {error.message}"
