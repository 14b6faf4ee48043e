"""The few-shot examples of the program language, in `programs/examples/`, in the order of their file names."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from vpd.errors import UserError
from vpd.records import Box
from vpd.resources import resource
from vpd.settings import Settings


class Thing(Settings):
    """Something that tools see in a picture. Boxes have their origin at the top left."""

    name: str
    box: Box
    properties: tuple[str, ...] = ()
    """What is true of it when a program asks whether it is, or which description fits best."""
    depth: float | None = None
    answers: dict[str, str] = Field(default_factory=dict[str, str])
    """What is answered to questions about it."""


class Line(Settings):
    """A line of text."""

    text: str
    box: Box


class Scene(Settings):
    """What tools report of one picture."""

    width: int
    height: int
    things: tuple[Thing, ...] = ()
    lines: tuple[Line, ...] = ()
    properties: tuple[str, ...] = ()
    answers: dict[str, str] = Field(default_factory=dict[str, str])


class World(Settings):
    """What tools report, so that a program can be run."""

    images: tuple[Scene, ...]
    knowledge: dict[str, str] = Field(default_factory=dict[str, str])


class FewShot(Settings):
    """A question, the program that answers it, and what that program saw."""

    name: str
    topic: str
    """What it shows: counting, attributes, spatial relations, depth, reading text, comparison, knowledge, video."""
    question: str
    choices: tuple[str, ...] = ()
    video: bool = False
    """Whether the images are the frames of one video."""
    program: str
    world: World
    trace: tuple[str, ...]
    """What the tools reported in this world, as `vpd.sampling.trace` writes it."""
    answer: str
    rationale: str


@cache
def load_examples() -> dict[str, FewShot]:
    """All bundled examples by name, in the order of the prompt."""
    files = sorted(resource("programs", "examples").glob("*.yaml"))
    return {example.name: example for example in map(_load, files)}


def choose_examples(names: Sequence[str] | None) -> list[FewShot]:
    """The examples that a recipe names, or all.

    Raises:
        UserError: there is no example of that name.
    """
    known = load_examples()
    for name in names or ():
        if name not in known:
            raise UserError(f"sampling.examples: there is no example {name!r}; there are {', '.join(known)}")
    return [known[name] for name in (known if names is None else names)]


def _load(file: Path) -> FewShot:
    _, _, name = file.stem.partition("-")
    return FewShot(name=name, **yaml.safe_load(file.read_text(encoding="utf-8")))
