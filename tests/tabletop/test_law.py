"""The law of this world: the gold program, run on the annotations, gives the gold answer."""

from vpd.execution.entry import ProgramInputs
from vpd.execution.limits import Limits
from vpd.execution.sandbox import Sandbox
from vpd.tabletop.fresh import fresh_scenes
from vpd.tabletop.generation import Asked
from vpd.tabletop.host import TruthHost
from vpd.tabletop.questions.asking import Question, solve
from vpd.tabletop.questions.family import Views

# Whether a program is right must not depend on how busy the machine is.
PATIENT = Limits(seconds=60, total_seconds=600)


async def _answer(sandbox: Sandbox, question: Question, views: Views) -> str | None:
    frames = tuple((view.width, view.height) for view in views)
    inputs = ProgramInputs(frames, question.text, question.choices, video=len(views) > 1)
    outcome = await sandbox.run(question.program, inputs, TruthHost(views))
    assert outcome.status == "ok", (question.text, outcome.error, question.program)
    return outcome.answer


async def test_gold_programs_give_gold_answers(asked: dict[str, list[Asked]]):
    wrong: list[tuple[str, str, str | None, str]] = []
    count = 0
    async with Sandbox(PATIENT, workers=1) as sandbox:
        for split in asked.values():
            for scene in split:
                for question in scene.questions:
                    count += 1
                    answer = await _answer(sandbox, question, scene.views)
                    if answer != question.answer:
                        wrong.append((question.text, question.answer, answer, question.program))
    assert count >= 2000
    assert wrong == []


async def test_gold_programs_hold_on_other_scenes(asked: dict[str, list[Asked]]):
    """A program knows its question alone, so that it answers it of any scene."""
    one_of_each = {q.query.family: q for scene in asked["train"] for q in scene.questions}
    async with Sandbox(PATIENT, workers=1) as sandbox:
        for question in one_of_each.values():
            for views in fresh_scenes(question.query, "train", 3, seed=5):
                gold = solve(question.query, views)
                assert gold is not None
                assert await _answer(sandbox, question, views) == gold.answer, question
