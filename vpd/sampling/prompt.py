"""What the language model is shown: first what never changes, so that providers can cache it, then the question.

Neither a reference answer nor anything derived from one reaches a prompt: these functions are never given one.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from vpd.language_models.protocol import Message
from vpd.prompts import render
from vpd.records import Candidate, Example, Execution, Json, Step
from vpd.resources import resource
from vpd.sampling.examples import FewShot

_STEPS_SHOWN = 20
_CHARS_SHOWN = 200


class Asked(NamedTuple):
    """What a prompt may know of an example: everything but its answers."""

    question: str
    choices: tuple[str, ...]
    images: int
    video: bool


def asked(example: Example) -> Asked:
    return Asked(example.question, example.choices, len(example.images), example.video)


def instructions(examples: Sequence[FewShot]) -> Message:
    """The part that all questions share."""
    api = resource("programs", "api.pyi").read_text(encoding="utf-8")
    return Message(role="system", content=render("program.j2", api=api, examples=examples))


def first_attempt(question: Asked, hint: str) -> Message:
    """Ask for a program."""
    return Message(role="user", content=_question(question, hint))


def repair(question: Asked, hint: str, candidate: Candidate, execution: Execution) -> Message:
    """Show a program with what went wrong, and ask for a better one."""
    text = render(
        "repair.j2",
        question=_question(question, hint),
        program=candidate.program.rstrip(),
        error=execution.error,
        steps=[_shown(step) for step in execution.steps if step.kind == "call"][:_STEPS_SHOWN],
    )
    return Message(role="user", content=text)


def _question(question: Asked, hint: str) -> str:
    return render("question.j2", **question._asdict(), hint=hint.strip())


class _Shown(NamedTuple):
    line: int
    expression: str
    result: str


def _shown(step: Step) -> _Shown:
    return _Shown(step.line, _short(step.expression), step.error or _short(_summary(step.result)))


def _summary(result: Json) -> str:
    """Patches as their boxes: that is what a program can reason about."""
    if isinstance(result, list):
        return f"{len(result)} found: " + ", ".join(map(_summary, result)) if result else "nothing found"
    if isinstance(result, dict) and "box" in result:
        return f"{result.get('category') or 'patch'} at {result['box']}"
    return json.dumps(result, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= _CHARS_SHOWN else text[: _CHARS_SHOWN - 1] + "…"
