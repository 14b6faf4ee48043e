"""The study from end to end: everything is made that is missing, and the scores are read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.student_study.answers import PROGRAMS, Evaluation, answer, ask, evaluation
from benchmarks.student_study.finetuning import KINDS, Job, Kind, Workshop, do_all, explaining
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
    explained: Mapping[int, NDArray[np.float64]]
    """By number of labels: of the same students, answering by a rationale that ends with the answer."""
    rates: Mapping[tuple[Kind, int], Chosen]
    grid: Mapping[tuple[Kind, int], Mapping[float, float]]
    """Accuracy on the validation questions by learning rate."""
    rationales: Mapping[int, int]
    """By number of labels, how many of their questions have a rationale."""
    model_seconds: float | None
    """Per answer of a fine-tuned model, asked when nothing else of the study was running."""
    explained_seconds: float | None
    """Likewise, by a rationale."""
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
    grid: dict[tuple[Kind, int], dict[float, float]] = {}
    rates: dict[tuple[Kind, int], Chosen] = {}
    models: dict[tuple[Kind, int], NDArray[np.float64]] = {}
    explained: dict[int, NDArray[np.float64]] = {}
    # One size after the other: of a study that is broken off the smaller ones are whole.
    for labels in plan.labels:
        for kind, found in _grid(plan, workshop, labels).items():
            grid[kind, labels], rates[kind, labels] = found, choose_rate(found)
        chosen = {kind: rates[kind, labels].rate for kind in KINDS}
        direct, explained[labels] = _test(plan, workshop, test, labels, chosen)
        models |= {(kind, labels): each for kind, each in direct.items()}
    model_seconds, explained_seconds = _seconds(plan, workshop, questions.test, rates)
    return Results(
        base=test.scores(BASE),
        programs=test.scores(PROGRAMS),
        models=models,
        explained=explained,
        rates=rates,
        grid=grid,
        rationales={count: _rationales(lessons, count) for count in plan.labels},
        model_seconds=model_seconds,
        explained_seconds=explained_seconds,
        base_seconds=test.seconds(BASE),
        program_seconds=run_seconds(teacher.root),
    )


def _grid(plan: Plan, workshop: Workshop, labels: int) -> dict[Kind, dict[float, float]]:
    """Accuracy on the validation questions with every rate, of one training each."""
    jobs = [Job(kind, labels, rate, 0, ("validation",)) for rate in plan.rates for kind in KINDS]
    do_all(workshop, jobs)
    found = evaluation(plan, "validation")
    grid: dict[Kind, dict[float, float]] = {}
    for job in jobs:
        grid.setdefault(job.kind, {})[job.rate] = found.scores(workshop.name(job)).value()
    return grid


def _test(
    plan: Plan, workshop: Workshop, test: Evaluation, labels: int, rates: Mapping[Kind, float]
) -> tuple[dict[Kind, NDArray[np.float64]], NDArray[np.float64]]:
    """Each test question's score, shape (seeds, questions): by kind, and of the students answering by rationales."""
    jobs: dict[Kind, list[Job]] = {
        kind: [
            Job(kind, labels, rate, seed, ("test",), ("test",) if kind == "student" else ())
            for seed in range(plan.seeds)
        ]
        for kind, rate in rates.items()
    }
    # Seed by seed: a size that is broken off has pairs.
    do_all(workshop, [job for some in zip(*jobs.values(), strict=True) for job in some])
    direct = {
        kind: np.stack([test.scores(workshop.name(job)).each for job in some]) for kind, some in jobs.items()
    }
    explained = [test.scores(explaining(workshop.name(job))).each for job in jobs["student"]]
    return direct, np.stack(explained)


def _seconds(
    plan: Plan, workshop: Workshop, questions: Path, rates: Mapping[tuple[Kind, int], Chosen]
) -> tuple[float | None, float | None]:
    """Per answer, in this process: as many threads as the programs' tools have, and nothing beside it."""
    labels = max(plan.labels)
    job = Job("student", labels, rates["student", labels].rate, 0, ())
    alone, model = ask(plan, "alone", questions), str(workshop.model(job))
    name = workshop.name(job)
    answer(plan, "alone", name, model)
    answer(plan, "alone", name, model, "rationale")
    return alone.seconds(name), alone.seconds(explaining(name))


def _rationales(lessons: Lessons, count: int) -> int:
    return Counter(row.task for row in lessons.first(count))["rationale"]
