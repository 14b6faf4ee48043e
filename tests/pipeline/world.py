"""A run on drawn scenes, with a language model that is a server following a script."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.language_models.server import Answer, Exchange, Server, reply
from tests.scenes import ALWAYS_TWO, COUNT, CRASH, draw
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import sample, sample_and_verify, verify
from vpd.recipe import Recipe, parse_recipe
from vpd.records import Candidate
from vpd.store import Run

RIGHT, WRONG, CRASHES = COUNT, ALWAYS_TWO.replace('"2"', '"9"'), CRASH
REJECTED = 'def execute_command(image) -> str:\n    return image.count("{colour}")\n'

Write = Callable[["Asked"], str]


@dataclass(frozen=True)
class Asked:
    """A request, in terms of the scenes."""

    scene: int
    colour: str
    sample: int
    """Position in the reply."""
    repair: bool
    exchange: Exchange


def asked(exchange: Exchange) -> tuple[int, str, bool]:
    """The scene, the colour asked for, and whether a program is to be repaired."""
    question = exchange.prompt.partition("Question: ")[2].partition("\n")[0].split()
    return int(question[-1].rstrip("?")), question[2], "Here is a program" in exchange.prompt


def writer(write: Write, **answer: Any) -> Callable[[Exchange], Answer]:
    """A script that gives as many programs as are asked for; `{colour}` stands for the colour asked for."""

    def script(exchange: Exchange) -> Answer:
        scene, colour, repair = asked(exchange)
        return reply(
            *(
                write(Asked(scene, colour, i, repair, exchange)).replace("{colour}", colour)
                for i in range(exchange.n)
            ),
            **answer,
        )

    return script


@dataclass
class World:
    """Questions about drawn scenes, each with a wording of its own, and the runs made of them."""

    root: Path
    url: str
    """Of the server."""
    questions: int = 6
    shard_size: int = 2
    model: dict[str, Any] = field(default_factory=dict)
    """Settings of the language model in place of those below."""
    # The answer alone decides, so that a test knows what is accepted.
    verification: dict[str, Any] = field(default_factory=lambda: {"preset": "paper"})

    def __post_init__(self) -> None:
        data = self.root / "data"
        draw(data, self.questions)
        path = data / "questions.jsonl"
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        for number, row in enumerate(rows):
            row["question"] = row["question"].replace("?", f" in scene {number}?")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    @property
    def responses(self) -> Path:
        return self.root / "cache" / "responses.sqlite"

    @property
    def tools(self) -> Path:
        return self.root / "cache" / "tools.sqlite"

    @property
    def run(self) -> Run:
        return Run(self.root / "run")

    def values(self, **sampling: Any) -> dict[str, Any]:
        """A recipe as it stands in its file."""
        data = {name: f"data/{name}.jsonl" for name in ("questions", "annotations")}
        model = {
            "provider": "openai",
            "model": "m",
            "base_url": self.url,
            "api_key_env": None,
            "max_attempts": 2,
            "timeout": 2,
        }
        return {
            "data": {**data, "images": "data/images", "shard_size": self.shard_size},
            "tools": {"detector": {"name": "annotations"}},
            "execution": {"concurrency": 4},
            "verification": self.verification,
            "sampling": {"model": model | self.model, "examples": ["count"], **sampling},
        }

    def recipe(self, **sampling: Any) -> Recipe:
        return parse_recipe(self.values(**sampling), "test", self.root)

    def sample(self, number: int = 1, limit: int | None = None, **sampling: Any) -> list[Candidate]:
        recipe = self.recipe(**sampling)
        with self.run.lock():
            read_inputs(recipe, self.run, limit)
            sample(recipe, self.run, number, self.responses)
        return self.candidates

    def verify(self, **sampling: Any) -> None:
        recipe = self.recipe(**sampling)
        with self.run.lock():
            read_inputs(recipe, self.run)
            verify(recipe, self.run, self.tools)

    def sample_and_verify(self, **sampling: Any) -> bool:
        recipe = self.recipe(**sampling)
        with self.run.lock():
            read_inputs(recipe, self.run)
            return sample_and_verify(recipe, self.run, self.responses, self.tools)

    @property
    def candidates(self) -> list[Candidate]:
        return list(self.run.candidates.rows())


@dataclass
class ScriptedWorld(World):
    server: Server = field(kw_only=True)
