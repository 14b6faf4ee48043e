"""Who answered what: evaluations of the library, one for each set of questions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.student_study.plan import Plan
from vpd.evaluation.benchmark import load_benchmark
from vpd.evaluation.folder import BenchmarkFolder, EvaluationFolder
from vpd.evaluation.loading import Asked, read_questions
from vpd.evaluation.scoring import Answered, Scores, score
from vpd.evaluation.systems import Source
from vpd.pipeline.evaluate import AnswerSettings, System, predict, seconds_per_answer

BENCHMARK = "tabletop"
PROGRAMS = "programs"

LONGEST = 240
"""Tokens of a rationale, at most; none that is learnt from has so many."""


@dataclass(frozen=True)
class Evaluation:
    """One set of questions, and everybody's answers."""

    root: EvaluationFolder

    @property
    def folder(self) -> BenchmarkFolder:
        return self.root.benchmark(BENCHMARK)

    def scores(self, system: str) -> Scores:
        """Each question's score in the order of the questions, for every system alike."""
        folder = self.folder
        predictions = folder.answered(system)
        return score(
            folder.definition.metric,
            [Answered(item, predictions[item.id]) for item in folder.questions.rows()],
        )

    def seconds(self, system: str) -> float | None:
        """Per answer."""
        return seconds_per_answer(self.root, BENCHMARK, system)


def evaluation(plan: Plan, name: str) -> Evaluation:
    """An evaluation, whose questions were read."""
    return Evaluation(EvaluationFolder(plan.work / "answers" / name))


def ask(plan: Plan, name: str, data: Path) -> Evaluation:
    """Read an evaluation's questions."""
    made = evaluation(plan, name)
    read_questions(Asked(load_benchmark(BENCHMARK), data=data), made.folder)
    return made


def answer(
    plan: Plan, name: str, system: str, where: str, way: Literal["direct", "rationale"] = "direct"
) -> None:
    """Have a model answer, or a run's programs; only what was not answered before.

    Args:
        name: of the evaluation.
        system: what it is called there.
        where: the folder of a model, or the run directory of the programs.
        way: of a model: at once, or by a rationale that ends with the answer.
    """
    found = evaluation(plan, name)
    source = Source(system, "programs" if system == PROGRAMS else "local", where)
    settings = AnswerSettings(
        max_tokens=LONGEST if way == "rationale" else None,
        device=plan.finetune.device,
        dtype=plan.finetune.dtype,
        batch_size=plan.answers,
    )
    who = System(source, None if system == PROGRAMS else way, settings)
    predict(found.root, found.folder, who, plan.work / "caches" / "responses.sqlite")
