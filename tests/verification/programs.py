"""Programs that really ran in the sandbox on tools that know a small scene, for tests of what is made of them."""

from collections.abc import Sequence

from vpd.execution.calls import ApiCall, ApiValue, Patch
from vpd.execution.limits import Limits
from vpd.execution.sandbox import ProgramInputs, Sandbox
from vpd.records import AnswerType, Candidate, Example, Execution, ImageFile

SIZE = (120, 90)

Things = dict[str, list[tuple[int, int, int, int]]]
"""What `find` returns for a phrase: boxes with the origin top left."""

SCENE: Things = {
    "cube": [(10, 30, 30, 50), (80, 30, 100, 50)],
    "red cube": [(10, 30, 30, 50)],
    "sphere": [(50, 30, 70, 50)],
    "cone": [],
}


class Tools:
    """Answers `find`, `exists`, `verify_property`, `simple_query` and `compute_depth` about a scene."""

    def __init__(self, things: Things) -> None:
        self._things = things
        self.calls = 0

    async def call(self, call: ApiCall) -> ApiValue:
        self.calls += 1
        arguments = call.arguments
        match call.method:
            case "find":
                return self._find(str(arguments["object_name"]))
            case "exists":
                return bool(self._find(str(arguments["object_name"])))
            case "verify_property":
                assert call.patch is not None
                phrase = f"{arguments['visual_property']} {arguments['object_name']}"
                return call.patch.box in self._things.get(phrase, [])
            case "simple_query":
                assert call.patch is not None
                return "red" if call.patch.box in self._things["red cube"] else "blue"
            case _:
                assert call.patch is not None
                return float(call.patch.box[0])

    def _find(self, phrase: str) -> list[Patch]:
        return [Patch(0, box, phrase, 0.9) for box in self._things.get(phrase, [])]


def example(
    question: str, answer: str | None, answer_type: AnswerType = "number", name: str = "q"
) -> Example:
    image = ImageFile(path=f"{name}.png", sha256=name.rjust(64, "0"), width=SIZE[0], height=SIZE[1])
    return Example(
        id=name,
        images=(image,),
        question=question,
        answers=() if answer is None else (answer,),
        answer_type=answer_type,
        source="tests",
    )


async def run(
    about: Example, programs: Sequence[str], things: Things = SCENE
) -> tuple[list[Candidate], list[Execution]]:
    """Run programs; every one ends in an execution."""
    candidates = [Candidate(example_id=about.id, index=i, program=p) for i, p in enumerate(programs)]
    executions: list[Execution] = []
    async with Sandbox(Limits(), workers=1) as sandbox:
        for candidate in candidates:
            inputs = ProgramInputs((SIZE,), about.question)
            done = await sandbox.run(candidate.program, inputs, Tools(things))
            executions.append(
                Execution(
                    example_id=about.id,
                    index=candidate.index,
                    status=done.status,
                    answer=done.answer,
                    error=done.error,
                    steps=done.steps,
                )
            )
    return candidates, executions
