"""The study from end to end: everything is made that is missing, and the scores are read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.student_study.answers import PROGRAMS, Evaluation, answer, ask, evaluation
from benchmarks.student_study.finetuning import KINDS, Job, Kind, Workshop, do_all
from benchmarks.student_study.plan import Plan
from benchmarks.student_study.questions import draw_questions
from benchmarks.student_study.scores import Chosen, choose_rate
from benchmarks.student_study.teacher import Lessons, distilled, tested
from vpd.evaluation.scoring import Scores
from vpd.pipeline.evaluate_scores import run_seconds
from vpd.store import Run

BASE = "base"


@dataclass(frozen=True)
class Results:
    """What was measured."""

    base: Scores
    programs: Scores
    models: Mapping[tuple[Kind, int], NDArray[np.float64]]
    """By kind and number of labels: each question's score, shape (seeds, questions)."""
    rates: Mapping[tuple[Kind, int], Chosen]
    grid: Mapping[tuple[Kind, int], Mapping[float, float]]
    """Accuracy on the validation questions by learning rate."""
    rationales: Mapping[int, int]
    """By number of labels, how many of their questions have a rationale."""
    model_seconds: float | None
    """Per answer of a fine-tuned model, asked when nothing else of the study was running."""
    base_seconds: float | None
    program_seconds: float | None
    """Per answer of the programs: drawing and running them."""


def run_study(plan: Plan) -> Results:
    """Do what is not done yet."""
    plan.work.mkdir(parents=True, exist_ok=True)
    with Run(plan.work).lock():
        return _run(plan)


def _run(plan: Plan) -> Results:
    questions = draw_questions(plan)
    ask(plan, "validation", questions.validation)
    test = ask(plan, "test", questions.test)
    lessons = distilled(plan, questions.train)
    teacher = tested(plan, questions.test)
    answer(plan, "test", PROGRAMS, str(teacher.root))
    answer(plan, "test", BASE, str(plan.base))
    workshop = Workshop(plan, questions.train, {count: lessons.first(count) for count in plan.labels})
    grid = _grid(plan, workshop)
    rates = {key: choose_rate(found) for key, found in grid.items()}
    models = _test(plan, workshop, test, rates)
    return Results(
        base=test.scores(BASE),
        programs=test.scores(PROGRAMS),
        models=models,
        rates=rates,
        grid=grid,
        rationales={count: _rationales(lessons, count) for count in plan.labels},
        model_seconds=_seconds(plan, workshop, questions.test, rates),
        base_seconds=test.seconds(BASE),
        program_seconds=run_seconds(teacher.root),
    )


def _grid(plan: Plan, workshop: Workshop) -> dict[tuple[Kind, int], dict[float, float]]:
    """Accuracy on the validation questions with every rate, of one training each."""
    jobs = [
        Job(kind, labels, rate, 0, ("validation",))
        for labels in plan.labels
        for rate in plan.rates
        for kind in KINDS
    ]
    do_all(workshop, jobs)
    found = evaluation(plan, "validation")
    grid: dict[tuple[Kind, int], dict[float, float]] = {}
    for job in jobs:
        grid.setdefault((job.kind, job.labels), {})[job.rate] = found.scores(workshop.name(job)).value()
    return grid


def _test(
    plan: Plan, workshop: Workshop, test: Evaluation, rates: Mapping[tuple[Kind, int], Chosen]
) -> dict[tuple[Kind, int], NDArray[np.float64]]:
    jobs: dict[tuple[Kind, int], list[Job]] = {
        (kind, labels): [Job(kind, labels, chosen.rate, seed, ("test",)) for seed in range(plan.seeds)]
        for (kind, labels), chosen in rates.items()
    }
    # Seed by seed: a study that is broken off has pairs.
    do_all(workshop, [job for some in zip(*jobs.values(), strict=True) for job in some])
    return {
        key: np.stack([test.scores(workshop.name(job)).each for job in some]) for key, some in jobs.items()
    }


def _seconds(
    plan: Plan, workshop: Workshop, questions: Path, rates: Mapping[tuple[Kind, int], Chosen]
) -> float | None:
    """Per answer, in this process: as many threads as the programs' tools have, and nothing beside it."""
    labels = max(plan.labels)
    job = Job("student", labels, rates["student", labels].rate, 0, ())
    alone = ask(plan, "alone", questions)
    answer(plan, "alone", workshop.name(job), str(workshop.model(job)))
    return alone.seconds(workshop.name(job))


def _rationales(lessons: Lessons, count: int) -> int:
    return Counter(row.task for row in lessons.first(count))["rationale"]
