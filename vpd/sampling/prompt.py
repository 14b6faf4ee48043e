"""What the language model is shown: first what never changes, so that providers can cache it, then the question.

Neither a reference answer nor anything derived from one reaches a prompt: these functions are never given one.
The answer type is such a thing too, since it may have been read off the answers.
"""

import ast
from collections.abc import Sequence
from typing import NamedTuple

from vpd.language_models.protocol import Message
from vpd.prompts import render
from vpd.records import Candidate, Example, Execution, ImageFile
from vpd.resources import resource
from vpd.sampling.examples import FewShot
from vpd.sampling.trace import trace_lines

_STEPS_SHOWN = 20
_CHARS_SHOWN = 500


class Asked(NamedTuple):
    """What a prompt may know of an example."""

    question: str
    choices: tuple[str, ...]
    images: tuple[ImageFile, ...]
    video: bool


def asked(example: Example) -> Asked:
    return Asked(example.question, example.choices, example.images, example.video)


def instructions(examples: Sequence[FewShot]) -> Message:
    """The part that all questions share."""
    api = _without_docstring(resource("programs", "api.pyi").read_text(encoding="utf-8"))
    shown = [
        {"question": _question(e.question, e.choices, len(e.world.images), e.video), "program": e.program}
        for e in examples
    ]
    return Message(role="system", content=render("program.j2", api=api, examples=shown))


def first_attempt(question: Asked, hint: str) -> Message:
    """Ask for a program."""
    return Message(role="user", content=_asked(question, hint))


def repair(question: Asked, hint: str, candidate: Candidate, execution: Execution) -> Message:
    """Show a program with what happened when it ran, and ask for a better one.

    Of a program that ran to its end the prompt does not say whether its answer was right: it asks for a review,
    in words that would fit a right program as well.
    """
    error = execution.error
    text = render(
        "repair.j2",
        question=_asked(question, hint),
        program=candidate.program,
        error=error,
        message=error.message[:_CHARS_SHOWN] if error else "",
        calls=trace_lines(execution.steps, question.images)[:_STEPS_SHOWN],
    )
    return Message(role="user", content=text)


def _asked(question: Asked, hint: str) -> str:
    return _question(question.question, question.choices, len(question.images), question.video, hint.strip())


def _question(text: str, choices: Sequence[str], images: int, video: bool, hint: str = "") -> str:
    return render("question.j2", question=text, choices=choices, images=images, video=video, hint=hint)


def _without_docstring(module: str) -> str:
    """Without the module's own: the instructions say what a model needs of it."""
    return "\n".join(module.splitlines()[ast.parse(module).body[0].end_lineno :]).strip()
