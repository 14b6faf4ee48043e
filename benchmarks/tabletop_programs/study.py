"""Simulated programs with their evidence and features: what the score is fitted on and measured with."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.tabletop_programs.fitting import ALONE, UNLABELLED, Floats, Rows, score, weights
from benchmarks.tabletop_programs.simulate import Judged
from vpd.arrow import to_table
from vpd.execution.limits import Limits
from vpd.execution.reruns import Reruns
from vpd.records import Candidate, Evidence, Example, Execution
from vpd.verification.agreement import Standing
from vpd.verification.answers import match
from vpd.verification.elsewhere import Neighbours
from vpd.verification.features import FEATURES, Case, alone, together
from vpd.verification.gathering import gather
from vpd.verification.score import ScoreModel, Weights
from vpd.verification.shard import Shard
from vpd.verification.survey import Survey
from vpd.verification.verdicts import Question, cases, standings

_SHARD = 64


@dataclass(frozen=True)
class Program:
    """A program that answered, with what is known of it."""

    candidate: Candidate
    example: str
    group: str
    """Its question: the same one may be asked about several images."""
    mistakes: tuple[str, ...]
    right: bool
    """For the right reasons."""
    correct: bool
    """Whether its answer is the label's."""
    features: dict[str, float]


@dataclass(frozen=True)
class Studied:
    """A question's programs that answered, by position, with what each says for itself."""

    judged: Judged
    cases: dict[int, Case]
    alone: dict[int, dict[str, float]]


def with_evidence(rows: Sequence[Judged], labelled: bool) -> list[tuple[Judged, list[Evidence]]]:
    """Gather the evidence as `vpd verify` does; without labels that is on every program that answered."""
    return asyncio.run(_with_evidence(rows, labelled))


async def _with_evidence(rows: Sequence[Judged], labelled: bool) -> list[tuple[Judged, list[Evidence]]]:
    found: list[tuple[Judged, list[Evidence]]] = []
    async with Reruns(Limits(), workers=2) as reruns:
        for start in range(0, len(rows), _SHARD):
            part = rows[start : start + _SHARD]
            shard = Shard(
                to_table(Example, (_about(row, labelled) for row in part)),
                [to_table(Candidate, (each for row in part for each in row.candidates))],
                [to_table(Execution, (each for row in part for each in row.executions))],
            )
            questions, neighbours = shard.asked(range(len(shard))), Neighbours(shard.looked())
            for number, row in enumerate(part):
                elsewhere = {
                    program: [questions[other] for other in others]
                    for program, others in neighbours.of(number).items()
                }
                evidence, _ = await gather(questions[number], elsewhere, reruns)
                found.append((row, [_perturbed(each, row) for each in evidence]))
    return found


def _about(row: Judged, labelled: bool) -> Example:
    return row.example if labelled else row.example.model_copy(update={"answers": ()})


def _perturbed(evidence: Evidence, row: Judged) -> Evidence:
    if evidence.worlds is None:
        return evidence
    return evidence.model_copy(update={"perturbed": {"brightness": row.again[evidence.index]}})


def study(rows: Sequence[tuple[Judged, list[Evidence]]], labelled: bool, k: int) -> list[Studied]:
    """The features of each program by itself, were only the first `k` candidates drawn."""
    cut = [
        (
            replace(
                row,
                example=_about(row, labelled),
                candidates=row.candidates[:k],
                executions=row.executions[:k],
            ),
            evidence[:k],
        )
        for row, evidence in rows
    ]
    survey = Survey()
    for row, evidence in cut:
        survey.add(row.example, row.executions, evidence)
    by_id = {row.example.id: row.example for row, _ in cut}
    studied: list[Studied] = []
    for row, evidence in cut:
        found = cases(Question(row.example, row.candidates, row.executions, evidence), by_id)
        by_itself = {number: alone(case, survey) for number, case in found.items()}
        studied.append(Studied(row, found, by_itself))
    return studied


def programs(
    studied: Sequence[Studied], labels: dict[str, tuple[str, ...]], credibility: Weights
) -> Iterator[Program]:
    """Every program that answered, with all its features."""
    model = ScoreModel.model_construct(credibility=credibility)
    for each in studied:
        standing: dict[int, Standing] = standings(each.cases, each.alone, model)
        for number, case in each.cases.items():
            labelled = case.example.model_copy(update={"answers": labels[case.example.id]})
            yield Program(
                candidate=case.candidate,
                example=case.example.id,
                group=case.example.id.rpartition("-")[0],
                mistakes=each.judged.mistakes[number],
                right=each.judged.right[number],
                correct=match(case.execution.answer, labelled).correct,
                features=together(each.alone[number], standing[number]),
            )


def rows_of(found: Sequence[Program]) -> Rows:
    return Rows(
        [program.features for program in found],
        np.array([float(program.right) for program in found]),
        [program.group for program in found],
    )


def predicted(found: Sequence[Program], fitted: Weights) -> Floats:
    return np.array([fitted.probability(program.features) for program in found])


def fit_model(
    labelled: Sequence[Sequence[Studied]],
    unlabelled: Sequence[Sequence[Studied]],
    labels: dict[str, tuple[str, ...]],
    provenance: str,
) -> ScoreModel:
    """Fit everything that `data/evidence.json` holds."""
    every = [
        (by_itself, each.judged.right[number], each.judged.example.id.rpartition("-")[0])
        for studied in unlabelled
        for each in studied
        for number, by_itself in each.alone.items()
    ]
    names = [name for name in ALONE if name in UNLABELLED]
    credibility = weights(
        Rows(
            [row for row, _, _ in every], np.array([float(r) for _, r, _ in every]), [g for _, _, g in every]
        ),
        names,
    )
    with_label = [p for s in labelled for p in programs(s, labels, credibility) if p.correct]
    without = [p for s in unlabelled for p in programs(s, labels, credibility)]
    return ScoreModel(
        provenance=provenance,
        credibility=credibility,
        labelled=score(rows_of(with_label), FEATURES),
        unlabelled=score(rows_of(without), UNLABELLED),
    )
