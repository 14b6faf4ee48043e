"""The teacher: programs for the training questions, made into training rows, and for the test questions."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.student_study.plan import Plan
from vpd.commands.verify import freeze
from vpd.pipeline.distill import distill
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import sample_and_verify
from vpd.records import TrainingRow
from vpd.store import Run


class Lessons(NamedTuple):
    """What student and twin learn from."""

    rows: Sequence[TrainingRow]
    """Of a label every question has one; a rationale where a program was kept."""
    order: Sequence[str]
    """The questions' ids: the first so many make a smaller set."""

    def first(self, labels: int) -> list[TrainingRow]:
        """The rows of the first so many questions."""
        chosen = set(self.order[:labels])
        return [row for row in self.rows if row.example_id in chosen]


def distilled(plan: Plan, data: Path) -> Lessons:
    """Programs are drawn, run and judged, and the kept ones are put into words."""
    run, recipe, caches = Run(plan.work / "taught"), plan.teacher(data, test=False), plan.work / "caches"
    caches.mkdir(parents=True, exist_ok=True)
    with run.lock():
        freeze(recipe, run)
        read_inputs(recipe, run)
        sample_and_verify(recipe, run, caches / "responses.sqlite", caches / "tools.sqlite")
        distill(recipe, run, caches / "responses.sqlite")
    return Lessons(list(run.rows.rows()), [example.id for example in run.examples.rows()])


def tested(plan: Plan, data: Path) -> Run:
    """The run of the programs that answer the test questions; its caches are its own, so that nothing comes free."""
    run, recipe = Run(plan.work / "teacher"), plan.teacher(data, test=True)
    with run.lock():
        freeze(recipe, run)
        read_inputs(recipe, run)
        sample_and_verify(recipe, run, run.root / "responses.sqlite", run.root / "tools.sqlite")
    return run
