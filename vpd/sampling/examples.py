"""The few-shot examples of the program language, in `programs/examples/`."""

from collections.abc import Sequence
from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict

from vpd.errors import UserError
from vpd.records import Json
from vpd.resources import resource


class FewShot(BaseModel):
    """A question, the program that answers it, and what that program saw."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    topic: str
    """What it shows: counting, attributes, spatial relations, depth, text, comparison, knowledge, video."""
    question: str
    choices: tuple[str, ...] = ()
    program: str
    world: Json
    """What the tools report, so that the program can be run: see `tests/sampling/test_examples.py`."""
    trace: tuple[str, ...]
    """The tool calls, one line each: `LINE: EXPRESSION → RESULT`."""
    answer: str
    rationale: str


@cache
def load_examples() -> dict[str, FewShot]:
    """All bundled examples by name, in the order of the prompt."""
    files = sorted(resource("programs", "examples").glob("*.yaml"))
    found = [FewShot.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files]
    return {example.name: example for example in found}


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
