"""Questions about tabletop scenes with candidate programs, what happened when they ran, and whether they are right."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from benchmarks.tabletop_programs.noise import EXACT, GOOD, POOR, Errors, NoisyHost
from benchmarks.tabletop_programs.programs import Drawn, draw
from benchmarks.tabletop_programs.truth import RIGHT_FROM, Scene, agreement
from vpd.errors import UserError
from vpd.execution.limits import Limits
from vpd.execution.sandbox import ProgramInputs, Sandbox
from vpd.records import Candidate, Example, Execution, ImageFile
from vpd.tabletop.annotation import Annotation
from vpd.tabletop.fresh import fresh_scenes
from vpd.tabletop.generation import asked_scenes
from vpd.tabletop.host import TruthHost
from vpd.tabletop.questions.asking import Question, solve
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.splits import Split

SCENES = 50
"""Fresh scenes for each question."""

FAMILIES_USED = [family.name for family in FAMILIES.values() if family.world != "wide"]
"""Scenes seen from afar differ in resolution, not in what programs do, and take long to lay out."""

_SEVERAL_IMAGES = 0.3
"""Share of the questions that are asked about three images in place of one."""

Views = tuple[Annotation, ...]


@dataclass(frozen=True)
class Judged:
    """One question about one image, its candidates, and which of them are right for the right reasons."""

    example: Example
    candidates: list[Candidate]
    executions: list[Execution]
    again: list[str | None]
    """The answers when the tools err anew, as they do on a picture of another brightness; None for none."""
    right: list[bool]
    mistakes: list[tuple[str, ...]]
    errors: Errors


@dataclass(frozen=True)
class _Task:
    question: Question
    views: Views
    more: tuple[Views, ...]
    scenes: tuple[Views, ...]
    seed: int
    number: int


def simulate(
    split: Split, count: int, seed: int, k: int, processes: int, scenes: int = SCENES
) -> list[Judged]:
    """About `count` questions with `k` candidates each; the same arguments, the same programs."""
    asked = [
        (each.views, question)
        for each in asked_scenes(split, count, seed, FAMILIES_USED)
        for question in each.questions
    ]
    work = [(views, question, seed * 1_000_003 + n) for n, (views, question) in enumerate(asked)]
    chunks = [work[n :: 8 * processes] for n in range(8 * processes)]
    with get_context("spawn").Pool(processes) as pool:
        made = pool.map(partial(_simulate, split=split, k=k, scenes=scenes), chunks, chunksize=1)
    return [judged for chunk in made for judged in chunk]


def _simulate(work: Sequence[tuple[Views, Question, int]], split: Split, k: int, scenes: int) -> list[Judged]:
    return asyncio.run(_all(work, split, k, scenes))


async def _all(
    work: Sequence[tuple[Views, Question, int]], split: Split, k: int, scenes: int
) -> list[Judged]:
    judged: list[Judged] = []
    async with Sandbox(Limits(), workers=2) as sandbox:
        for views, question, seed in work:
            judged += await _question(sandbox, views, question, split, k, scenes, seed)
    return judged


async def _question(
    sandbox: Sandbox, views: Views, question: Question, split: Split, k: int, scenes: int, seed: int
) -> list[Judged]:
    rng = np.random.default_rng(seed)
    try:
        fresh = fresh_scenes(question.query, split, scenes, seed)
        more = fresh_scenes(question.query, split, 2, seed + 1) if rng.random() < _SEVERAL_IMAGES else []
    except UserError:
        return []  # it fits hardly any other scene, so nothing can be told of its programs
    errors = (EXACT, GOOD, POOR)[rng.integers(3)]
    drawn = draw(question, k, rng)
    right = _right(question, drawn, fresh)
    judged: list[Judged] = []
    for number, seen in enumerate([views, *more]):
        name = f"{seed}-{number}"  # seeds the tools' errors
        example = _example(question, seen, name).model_copy(update={"id": f"{split}:{name}"})
        executions = [
            await _run(sandbox, example, index, each, NoisyHost(TruthHost(seen), errors, name))
            for index, each in enumerate(drawn)
        ]
        again = [
            (
                await _run(
                    sandbox,
                    example,
                    index,
                    each,
                    NoisyHost(TruthHost(seen), errors, f"{name} brighter"),
                )
            ).answer
            for index, each in enumerate(drawn)
        ]
        candidates = [
            Candidate(example_id=example.id, index=i, program=d.program, log_probability=d.log_probability)
            for i, d in enumerate(drawn)
        ]
        judged.append(
            Judged(example, candidates, executions, again, right, [d.mistakes for d in drawn], errors)
        )
    return judged


def _right(question: Question, drawn: Sequence[Drawn], fresh: Sequence[Views]) -> list[bool]:
    video = FAMILIES[question.query.family].world == "clip"
    scenes = [(Scene(views, video), _example(question, views, str(n))) for n, views in enumerate(fresh)]
    most_wrong = int((1 - RIGHT_FROM) * len(scenes) + 1e-9)
    found: dict[str, bool] = {}
    for each in drawn:
        if each.program not in found:
            found[each.program] = agreement(each.program, scenes, most_wrong) >= RIGHT_FROM
    return [found[each.program] for each in drawn]


def _example(question: Question, views: Views, name: str) -> Example:
    solution = solve(question.query, views)
    assert solution is not None
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Example(
        id=name,
        images=tuple(
            ImageFile(
                path=f"{name}-{n}.png", sha256=f"{n:04d}{digest[4:]}", width=view.width, height=view.height
            )
            for n, view in enumerate(views)
        ),
        question=question.text,
        answers=(solution.answer,),
        answer_type=question.answer_type,
        choices=question.choices,
        video=len(views) > 1,
        source=question.query.family,
    )


async def _run(sandbox: Sandbox, example: Example, index: int, drawn: Drawn, host: NoisyHost) -> Execution:
    inputs = ProgramInputs(
        images=tuple((image.width, image.height) for image in example.images),
        video=example.video,
        question=example.question,
        choices=example.choices,
    )
    outcome = await sandbox.run(drawn.program, inputs, host)
    return Execution(
        example_id=example.id,
        index=index,
        status=outcome.status,
        answer=outcome.answer,
        error=outcome.error,
        steps=outcome.steps,
        steps_dropped=outcome.steps_dropped,
    )
