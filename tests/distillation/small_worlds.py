"""Programs run in small worlds whose tools report what a test says."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.sampling.world import WorldHost, images
from vpd.distillation.check.check import Checker
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.facts.models import Fact
from vpd.distillation.rationale.composition import compose, statements
from vpd.execution.sandbox import ProgramInputs, Sandbox
from vpd.records import Example, Execution
from vpd.sampling.examples import World

SIZE = (200, 100)


class Told(NamedTuple):
    """A program that ran, and what it found out."""

    example: Example
    program: str
    execution: Execution
    facts: tuple[Fact, ...]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        return [(image.width, image.height) for image in self.example.images]

    @property
    def statements(self) -> list[str]:
        return statements(self.facts, self.sizes)

    def text(self, seed: str = "seed", **style: Any) -> str:
        return compose(self.facts, seed, self.sizes, **style)

    @property
    def checker(self) -> Checker:
        return Checker(self.facts, self.example, self.program)


def thing(name: str, x: int, y: int = 40, side: int = 10, **known: Any) -> dict[str, Any]:
    """A square thing with its top left corner at (x, y), in pixels."""
    return {"name": name, "box": (x, y, x + side, y + side), **known}


def picture(*things: dict[str, Any], **known: Any) -> dict[str, Any]:
    return {"width": SIZE[0], "height": SIZE[1], "things": things, **known}


class Teller:
    """Runs programs in one sandbox."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._sandbox = Sandbox(workers=1)
        self._runner.run(self._sandbox.__aenter__())

    def close(self) -> None:
        self._runner.run(self._sandbox.__aexit__(None, None, None))
        self._runner.close()

    def __call__(
        self,
        program: str,
        *pictures: dict[str, Any],
        question: str = "What is it?",
        choices: Sequence[str] = (),
        video: bool = False,
        knowledge: dict[str, str] | None = None,
    ) -> Told:
        """Run the body of a program, and find the facts."""
        argument = "video" if video else "image" if len(pictures) == 1 else "images"
        lines = "\n".join(f"    {line}" for line in program.strip().splitlines())
        world = World.model_validate({"images": pictures, "knowledge": knowledge or {}})
        whole = f"def execute_command({argument}):\n{lines}\n"
        return self.in_world(whole, world, question, choices, video)

    def in_world(
        self, program: str, world: World, question: str, choices: Sequence[str], video: bool
    ) -> Told:
        example = Example(
            id="q",
            images=tuple(images(world)),
            question=question,
            choices=tuple(choices),
            video=video,
            answers=("the label",),
        )
        sizes = tuple((image.width, image.height) for image in example.images)
        inputs = ProgramInputs(sizes, question, tuple(choices), video=video)
        outcome = self._runner.run(self._sandbox.run(program, inputs, WorldHost(world)))
        assert outcome.status == "ok", outcome.error
        execution = Execution(
            example_id="q", index=0, status="ok", answer=outcome.answer, steps=outcome.steps
        )
        return Told(example, program, execution, find_facts(example, program, execution))
