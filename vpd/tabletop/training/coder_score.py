"""How often programs of the code model answer a question right, where every specialist is right."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from vpd.execution.entry import ProgramInputs
from vpd.execution.limits import Limits
from vpd.execution.sandbox import Sandbox
from vpd.language_models.protocol import Message, Request
from vpd.language_models.settings import TransformersSettings, create
from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.host import TruthHost
from vpd.tabletop.questions.asking import Question
from vpd.tabletop.splits import Split
from vpd.tabletop.training.programs import prompt

SAMPLES = 5
TEMPERATURE = 0.7
"""As in `recipes/tabletop.yaml`."""


def score(folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
    """Shares of the questions with a right answer from the first sample and from any of five; and of all samples
    those that run to an answer."""
    return asyncio.run(_score(folder, split, count, seed))


async def _score(folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
    asked = [(scene, question) for scene in asked_scenes(split, count, seed) for question in scene.questions]
    model = create(TransformersSettings(model=str(folder), dtype="float32", batch_size=64))
    try:
        drawn = await asyncio.gather(*(model.complete(_request(*each, seed)) for each in asked))
    finally:
        await model.close()
    answered = 0
    rights: list[list[bool]] = []
    async with Sandbox(Limits(seconds=2, total_seconds=60), workers=1) as sandbox:
        for (scene, question), completions in zip(asked, drawn, strict=True):
            answers = await _answers(sandbox, scene, question, [c.text for c in completions])
            answered += sum(answer is not None for answer in answers)
            rights.append([answer == question.answer for answer in answers])
    return {
        "right at the first sample": sum(right[0] for right in rights) / len(rights),
        f"right within {SAMPLES}": sum(map(any, rights)) / len(rights),
        "programs with an answer": answered / (SAMPLES * len(rights)),
    }


def _request(scene: Asked, question: Question, seed: int) -> Request:
    text = prompt(question.text, question.choices, scene.world)
    return Request(
        messages=(Message(role="user", content=text),),
        n=SAMPLES,
        temperature=TEMPERATURE,
        max_tokens=300,
        seed=seed,
    )


async def _answers(
    sandbox: Sandbox, scene: Asked, question: Question, programs: Sequence[str]
) -> list[str | None]:
    frames = tuple((view.width, view.height) for view in scene.views)
    inputs = ProgramInputs(frames, question.text, question.choices, video=len(frames) > 1)
    outcomes = [await sandbox.run(program, inputs, TruthHost(scene.views)) for program in programs]
    return [outcome.answer if outcome.status == "ok" else None for outcome in outcomes]
