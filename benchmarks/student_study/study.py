"""The study from end to end: everything is made that is missing, and the scores are read."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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

System = Kind | Literal["student, by a rationale"]
EXPLAINING: System = "student, by a rationale"
SYSTEMS: tuple[System, ...] = (*KINDS, EXPLAINING)
"""What is compared: each with a learning rate of its own, chosen by how it answers."""


@dataclass(frozen=True)
class Results:
    """What was measured."""

    base: Scores
    base_explained: Scores
    """By a rationale, which it was never taught to write of an image."""
    programs: Scores
    models: Mapping[tuple[System, int], NDArray[np.float64]]
    """By number of labels: each question's score, shape (seeds, questions)."""
    rates: Mapping[tuple[System, int], Chosen]
    grid: Mapping[tuple[System, int], Mapping[float, float]]
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
    answer(plan, "test", BASE, str(plan.base), "rationale")
    workshop = Workshop(plan, questions.train, {count: lessons.first(count) for count in plan.labels})
    grid: dict[tuple[System, int], dict[float, float]] = {}
    rates: dict[tuple[System, int], Chosen] = {}
    models: dict[tuple[System, int], NDArray[np.float64]] = {}
    # One size after the other: of a study that is broken off the smaller ones are whole.
    for labels in plan.labels:
        for system, found in _grid(plan, workshop, labels).items():
            grid[system, labels], rates[system, labels] = found, choose_rate(found)
        chosen = {system: rates[system, labels].rate for system in SYSTEMS}
        models |= {
            (system, labels): each for system, each in _test(plan, workshop, test, labels, chosen).items()
        }
    model_seconds, explained_seconds = _seconds(plan, workshop, questions.test, rates)
    return Results(
        base=test.scores(BASE),
        base_explained=test.scores(explaining(BASE)),
        programs=test.scores(PROGRAMS),
        models=models,
        rates=rates,
        grid=grid,
        rationales={count: _rationales(lessons, count) for count in plan.labels},
        model_seconds=model_seconds,
        explained_seconds=explained_seconds,
        base_seconds=test.seconds(BASE),
        program_seconds=run_seconds(teacher.root),
    )


def _grid(plan: Plan, workshop: Workshop, labels: int) -> dict[System, dict[float, float]]:
    """Accuracy on the validation questions with every rate, of one training each."""
    asked = ("validation",)
    jobs = [
        Job(kind, labels, rate, 0, asked, asked if kind == "student" else ())
        for rate in plan.rates
        for kind in KINDS
    ]
    do_all(workshop, jobs)
    found = evaluation(plan, "validation")
    grid: dict[System, dict[float, float]] = {system: {} for system in SYSTEMS}
    for job in jobs:
        grid[job.kind][job.rate] = found.scores(workshop.name(job)).value()
        if job.explained:
            grid[EXPLAINING][job.rate] = found.scores(explaining(workshop.name(job))).value()
    return grid


def _test(
    plan: Plan, workshop: Workshop, test: Evaluation, labels: int, rates: Mapping[System, float]
) -> dict[System, NDArray[np.float64]]:
    """Each test question's score, shape (seeds, questions)."""
    seeds, asked = range(plan.seeds), ("test",)
    twin, direct, explained = (rates[system] for system in ("twin", "student", EXPLAINING))
    # Seed by seed: a size that is broken off has pairs.
    jobs: list[Job] = []
    for seed in seeds:
        jobs.append(Job("twin", labels, twin, seed, asked))
        if direct == explained:
            jobs.append(Job("student", labels, direct, seed, asked, asked))
        else:
            jobs += [
                Job("student", labels, direct, seed, asked),
                Job("student", labels, explained, seed, (), asked),
            ]
    do_all(workshop, jobs)

    def scores(kind: Kind, rate: float, way: Callable[[str], str]) -> NDArray[np.float64]:
        names = [workshop.name(Job(kind, labels, rate, seed, ())) for seed in seeds]
        return np.stack([test.scores(way(name)).each for name in names])

    return {
        "twin": scores("twin", twin, str),
        "student": scores("student", direct, str),
        EXPLAINING: scores("student", explained, explaining),
    }


def _seconds(
    plan: Plan, workshop: Workshop, questions: Path, rates: Mapping[tuple[System, int], Chosen]
) -> tuple[float | None, float | None]:
    """Per answer, in this process: as many threads as the programs' tools have, and nothing beside it."""
    labels = max(plan.labels)
    alone = ask(plan, "alone", questions)
    direct, explained = (
        Job("student", labels, rates[system, labels].rate, 0, ()) for system in ("student", EXPLAINING)
    )
    answer(plan, "alone", workshop.name(direct), str(workshop.model(direct)))
    answer(plan, "alone", workshop.name(explained), str(workshop.model(explained)), "rationale")
    return alone.seconds(workshop.name(direct)), alone.seconds(explaining(workshop.name(explained)))


def _rationales(lessons: Lessons, count: int) -> int:
    return Counter(row.task for row in lessons.first(count))["rationale"]
