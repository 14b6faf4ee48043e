"""Fine-tunings, several at once, each followed by its answers; what was done before is not done again."""

import hashlib
import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.student_study.answers import answer
from benchmarks.student_study.plan import Plan
from vpd.evaluation.answering.weights import LocalSettings, identity
from vpd.log import Log
from vpd.records import TrainingRow
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings, twin

Kind = Literal["student", "twin"]
KINDS: tuple[Kind, ...] = ("student", "twin")


@dataclass(frozen=True)
class Job:
    """One fine-tuning, and the questions that its model answers then."""

    kind: Kind
    labels: int
    rate: float
    seed: int
    asked: tuple[str, ...]
    """Names of evaluations."""
    explained: tuple[str, ...] = ()
    """Of those in which it answers a second time, by a rationale."""


@dataclass(frozen=True)
class Workshop:
    """What all fine-tunings share."""

    plan: Plan
    images: Path
    """The folder that the training rows' image names are relative to."""
    rows: dict[int, list[TrainingRow]]
    """By the size of the training set."""

    def settings(self, job: Job) -> FinetuneSettings:
        """The twin's are the student's, but for the rationale term."""
        own = self.plan.finetune.model_copy(update={"learning_rate": job.rate, "seed": job.seed})
        return twin(own) if job.kind == "twin" else own

    def name(self, job: Job) -> str:
        """Of a job's model: another one wherever settings, rows or the base are others."""
        digest = hashlib.sha256(identity(LocalSettings(str(self.plan.base))).encode())
        digest.update(self.settings(job).model_dump_json(exclude={"model", "device"}).encode())
        for row in self.rows[job.labels]:
            digest.update(row.model_dump_json().encode())
        return f"{job.kind}-{job.labels}-{job.rate:g}-{job.seed}-{digest.hexdigest()[:10]}"

    def model(self, job: Job) -> Path:
        """The folder of a job's model."""
        return self.plan.work / "models" / self.name(job) / _saved_as(self.plan.finetune)

    def do(self, job: Job) -> Job:
        """Fine-tune, then answer."""
        folder, model = self.model(job).parent, self.model(job)
        if not model.exists():
            begun = time.monotonic()
            done = finetune(self.settings(job), self.rows[job.labels], self.images, folder)
            shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # ten times as large as the model
            steps = sum(1 for _ in done.losses.open(encoding="utf-8"))
            seconds = round(time.monotonic() - begun, 1)
            Log(self.plan.work / "log.jsonl").write(
                "fine-tuned", model=folder.name, steps=steps, seconds=seconds
            )
        for evaluation in job.asked:
            answer(self.plan, evaluation, self.name(job), str(model))
        for evaluation in job.explained:
            answer(self.plan, evaluation, self.name(job), str(model), "rationale")
        return job


def explaining(name: str) -> str:
    """What an evaluation calls a model that answers by rationales."""
    return f"{name} (rationale)"


def do_all(workshop: Workshop, jobs: Sequence[Job]) -> None:
    """All jobs, as many at once as the plan says."""
    with _pool(workshop) as do:
        for number, job in enumerate(do(jobs), 1):
            print(
                f"{number} of {len(jobs)}: {job.kind}, {job.labels} labels, rate {job.rate:g}, seed {job.seed}",
                flush=True,
            )


@contextmanager
def _pool(workshop: Workshop) -> Generator[Callable[[Sequence[Job]], Iterator[Job]]]:
    if workshop.plan.workers == 1:
        yield lambda jobs: map(workshop.do, jobs)
        return
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with ProcessPoolExecutor(workshop.plan.workers, context, _begin, (workshop,)) as pool:

        def do(jobs: Sequence[Job]) -> Iterator[Job]:
            for done in as_completed([pool.submit(_do, job) for job in jobs]):
                yield done.result()

        yield do


_mine: list[Workshop] = []
"""Of a worker process."""


def _begin(workshop: Workshop) -> None:
    import torch

    threading.Thread(target=_end_with_the_study, daemon=True).start()
    torch.set_num_threads(max(1, len(os.sched_getaffinity(0)) // workshop.plan.workers))
    _mine.append(workshop)


def _end_with_the_study() -> None:
    """A worker whose study was killed would fine-tune on, and take the cores from the next one."""
    study = multiprocessing.parent_process()
    assert study is not None
    study.join()
    os._exit(1)


def _do(job: Job) -> Job:
    return _mine[0].do(job)


def _saved_as(settings: FinetuneSettings) -> str:
    return "adapter" if settings.method == "lora" else "model"
