"""A question's executions, evidence and label → one verdict per candidate, with its reason in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vpd.records import Candidate, Evidence, Example, Execution, Json, Verdict
from vpd.verification.agreement import Standing, standing, witness
from vpd.verification.answers import Match, match
from vpd.verification.features import KINDS, Case, alone, together
from vpd.verification.reasons import Doubt, doubts, failure, weightiest
from vpd.verification.score import Score, ScoreModel
from vpd.verification.selection import select
from vpd.verification.settings import VerificationSettings
from vpd.verification.survey import Survey


class Question(NamedTuple):
    """A question with its programs; rows correspond by position."""

    example: Example
    candidates: Sequence[Candidate]
    executions: Sequence[Execution]
    evidence: Sequence[Evidence]


@dataclass(frozen=True)
class Jury:
    """What all questions of a run are judged by."""

    settings: VerificationSettings
    model: ScoreModel
    survey: Survey
    """Of the whole run."""


class _Weighed(NamedTuple):
    """A program that answered, weighed."""

    probability: float
    doubts: list[Doubt]
    contributions: Mapping[str, float]


def judge(
    question: Question, elsewhere: Mapping[str, Example], opinions: Mapping[tuple[str, str], bool], jury: Jury
) -> list[Verdict]:
    """One verdict per candidate of a question, in order; at most one is selected.

    Args:
        question: with its programs.
        elsewhere: the examples that the evidence names, by id.
        opinions: whether an answer and a reference are the same, where the rules leave doubt and a judge was asked.
        jury: what is usual, and how strict to be.
    """
    example = question.example
    found = [
        _match(execution, example, opinions) if execution.status == "ok" else None
        for execution in question.executions
    ]
    may_be_kept = [
        number
        for number, answer in enumerate(found)
        if answer is not None and (not example.answers or answer.score >= jury.settings.accept_score)
    ]
    weighed = _weigh(question, elsewhere, may_be_kept, jury) if jury.settings.preset == "evidence" else {}
    verdicts = [
        _verdict(example, execution, answer, weighed.get(number), jury)
        for number, (execution, answer) in enumerate(zip(question.executions, found, strict=True))
    ]
    chosen = select(question.candidates, verdicts)
    return [
        verdict.model_copy(update={"selected": True}) if verdict is chosen else verdict
        for verdict in verdicts
    ]


def cases(question: Question, elsewhere: Mapping[str, Example]) -> dict[int, Case]:
    """The programs that answered, by their position."""
    rows = zip(question.candidates, question.executions, question.evidence, strict=True)
    return {
        number: Case(question.example, candidate, execution, evidence, elsewhere)
        for number, (candidate, execution, evidence) in enumerate(rows)
        if execution.status == "ok"
    }


def standings(
    found: Mapping[int, Case], by_itself: Mapping[int, Mapping[str, float]], model: ScoreModel
) -> dict[int, Standing]:
    """What the programs of a question say of each other."""
    witnesses = [
        witness(case.example, case.execution, case.evidence, model.credibility.probability(by_itself[number]))
        for number, case in found.items()
    ]
    return {number: standing(witnesses, place) for place, number in enumerate(found)}


def _weigh(
    question: Question, elsewhere: Mapping[str, Example], numbers: Sequence[int], jury: Jury
) -> dict[int, _Weighed]:
    """Some of a question's programs; the others bear witness."""
    if not numbers:
        return {}
    found = cases(question, elsewhere)
    by_itself = {number: alone(case, jury.survey) for number, case in found.items()}
    standing_of = standings(found, by_itself, jury.model)
    weighed: dict[int, _Weighed] = {}
    for number in numbers:
        case = found[number]
        features = together(by_itself[number], standing_of[number])
        score = _score(question.example, jury.model)
        weighed[number] = _Weighed(
            score.probability(features),
            doubts(case, standing_of[number], jury.survey),
            score.contributions(features),
        )
    return weighed


def _score(example: Example, model: ScoreModel) -> Score:
    return model.labelled if example.answers else model.unlabelled


def _match(execution: Execution, example: Example, opinions: Mapping[tuple[str, str], bool]) -> Match:
    same = {reference for reference in example.answers if opinions.get((execution.answer or "", reference))}
    found = match(execution.answer, example)
    if not same or found.correct:
        return found
    # What the judge takes to be the same counts as the answer itself does.
    agreed = match(next(r for r in example.answers if r in same), example)
    return agreed._replace(reason=f"{found.reason}; the judge takes them to be the same")


def _verdict(
    example: Example, execution: Execution, found: Match | None, weighed: _Weighed | None, jury: Jury
) -> Verdict:
    verdict = Verdict(example_id=execution.example_id, index=execution.index, status=execution.status)
    if found is None:
        wrong = False if example.answers else None
        return verdict.model_copy(update={"correct": wrong, "reason": failure(execution)})
    if not example.answers:
        told = {"correct": None, "score": None}
        said = f'It said "{execution.answer}", and there is no label to compare with'
    else:
        correct = found.score >= jury.settings.accept_score
        told = {"correct": correct, "score": found.score}
        said = f"It {found.reason}"
        if not correct:
            return verdict.model_copy(update={**told, "reason": f"{said}."})
    return verdict.model_copy(update=told | _acceptance(said, example, weighed, jury))


def _acceptance(said: str, example: Example, weighed: _Weighed | None, jury: Jury) -> dict[str, Json]:
    """Whether an answer that may be right is kept, and why."""
    settings = jury.settings
    if not example.answers and not settings.unlabelled:
        return {"reason": f"{said}. It is not kept, since only labelled questions are to be used."}
    if weighed is None:
        unverified = "" if example.answers else " It is kept unverified."
        return {"kept": True, "reason": f"{said}.{unverified}"}
    least = _score(example, jury.model).threshold(settings.target_precision)
    kept = weighed.probability >= least
    against = weightiest(weighed.doubts, weighed.contributions)
    likely = f"right for the right reasons with a probability of {weighed.probability:.2f}"
    if kept:
        reason = f"{said}. It is {likely}" + (f", although {against}." if against else ".")
    else:
        need = f"less than the {least:.2f} that is needed" if least <= 1 else "and nothing would be enough"
        reason = f"{said}. It is not kept: it is {likely}, {need}" + (f"; {against}." if against else ".")
    return {
        "kept": kept,
        "probability": weighed.probability,
        "reason": reason,
        "evidence": {
            "against": [d.text for d in weighed.doubts if weighed.contributions.get(d.feature, 0.0) < 0],
            "log-odds": {
                kind: round(sum(weighed.contributions.get(name, 0.0) for name in names), 3)
                for kind, names in KINDS.items()
            },
        },
    }
