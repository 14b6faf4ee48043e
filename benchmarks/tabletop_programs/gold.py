"""Gold programs of the drawn world, run on what is true of its scenes: questions, traces, and where to look."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from vpd.execution.entry import ProgramInputs
from vpd.execution.limits import Limits
from vpd.execution.sandbox import Sandbox
from vpd.records import Candidate, Example, Execution, ImageFile
from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.host import TruthHost
from vpd.tabletop.questions.asking import Question
from vpd.tabletop.splits import Split

# Whether a program is right must not depend on how busy the machine is.
_PATIENT = Limits(seconds=60, total_seconds=600)


class GoldRun(NamedTuple):
    """A question with its gold program, and how that ran."""

    question: Question
    example: Example
    candidate: Candidate
    execution: Execution


async def gold_runs(
    split: Split, count: int, seed: int, families: Sequence[str] | None = None
) -> AsyncIterator[GoldRun]:
    """Run the gold programs of `count` questions; the same arguments, the same traces."""
    async with Sandbox(_PATIENT, workers=1) as sandbox:
        number = 0
        for asked in asked_scenes(split, count, seed, families):
            for question in asked.questions:
                example = _example(asked, question, f"{split}-{seed}-{number:06d}")
                yield await _run(sandbox, asked, question, example)
                number += 1


def _example(asked: Asked, question: Question, name: str) -> Example:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Example(
        id=name,
        images=tuple(
            ImageFile(
                path=f"{name}-{n}.png", sha256=f"{n:04d}{digest[4:]}", width=view.width, height=view.height
            )
            for n, view in enumerate(asked.views)
        ),
        question=question.text,
        answers=(question.answer,),
        answer_type=question.answer_type,
        choices=question.choices,
        video=asked.world == "clip",
        source=question.query.family,
    )


async def _run(sandbox: Sandbox, asked: Asked, question: Question, example: Example) -> GoldRun:
    inputs = ProgramInputs(
        images=tuple((image.width, image.height) for image in example.images),
        video=example.video,
        question=example.question,
        choices=example.choices,
    )
    outcome = await sandbox.run(question.program, inputs, TruthHost(asked.views))
    candidate = Candidate(example_id=example.id, index=0, program=question.program)
    execution = Execution(
        example_id=example.id,
        index=0,
        status=outcome.status,
        answer=outcome.answer,
        error=outcome.error,
        steps=outcome.steps,
        steps_dropped=outcome.steps_dropped,
    )
    return GoldRun(question, example, candidate, execution)
