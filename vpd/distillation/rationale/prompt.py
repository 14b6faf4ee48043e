"""What a language model is shown to put facts into words: never a reference answer, nor anything made from one.

The functions below are not given the example, only what `Told` holds of it. The program's own answer stands among
the facts: the trace implies it.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import yaml

from vpd.distillation.facts.models import Fact
from vpd.distillation.rationale.composition import statements
from vpd.distillation.settings import BoxStyle
from vpd.language_models.protocol import Message
from vpd.prompts import render
from vpd.records import Json, Step
from vpd.resources import resource

_STEPS_SHOWN = 40
_CHARS_SHOWN = 240


class Told(NamedTuple):
    """What a rewriter may know of a question and of the program that answered it."""

    question: str
    choices: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    """Widths and heights of the images."""
    program: str
    steps: tuple[Step, ...]
    facts: tuple[Fact, ...]


def instructions(boxes: BoxStyle) -> Message:
    """The part that all questions share."""
    examples = [
        {
            "question": _case(e["question"], (), e["program"], e["trace"], e["facts"]),
            "explanation": e["explanation"],
        }
        for e in _examples()
    ]
    return Message(role="system", content=render("rewrite.j2", examples=examples, boxes=boxes != "none"))


def case(told: Told, boxes: BoxStyle) -> str:
    """One question with its program, what the tools reported, and the facts."""
    facts = statements(told.facts, told.sizes, boxes)
    return _case(told.question, told.choices, told.program, trace_lines(told.steps, told.sizes), facts)


def first_attempt(told: Told, boxes: BoxStyle) -> Message:
    """Ask for a rationale."""
    return Message(role="user", content=case(told, boxes))


def another_attempt(told: Told, boxes: BoxStyle, text: str, claims: Sequence[str]) -> Message:
    """Show a rationale with the claims in it that follow from nothing, and ask for one without them."""
    asked = render("rewrite_again.j2", case=case(told, boxes), text=text, claims=claims)
    return Message(role="user", content=asked)


def trace_lines(steps: Sequence[Step], sizes: Sequence[tuple[int, int]]) -> list[str]:
    """The tool calls, one line each: `LINE: EXPRESSION → RESULT`, in the notation of the program language."""
    calls = [step for step in steps if step.kind == "call" and step.error is None]
    lines = [
        f"{step.line}: {_short(step.expression)} → {_short(_value(step.result, sizes))}" for step in calls
    ]
    more = len(lines) - _STEPS_SHOWN
    return lines if more <= 0 else [*lines[:_STEPS_SHOWN], f"… and {more} more"]


def _case(
    question: str, choices: Sequence[str], program: str, trace: Sequence[str], facts: Sequence[str]
) -> str:
    return render(
        "rewrite_case.j2", question=question, choices=choices, program=program, trace=trace, facts=facts
    ).strip()


def _value(value: Json, sizes: Sequence[tuple[int, int]]) -> str:
    match value:
        case list():
            return f"[{', '.join(_value(each, sizes) for each in value)}]"
        case {"image": int(image), "box": [int(x1), int(y1), int(x2), int(y2)]}:
            height = sizes[image][1]
            return f"ImagePatch({x1}, {height - y2}, {x2}, {height - y1})"
        case float():
            return f"{value:.4g}"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _CHARS_SHOWN else text[: _CHARS_SHOWN - 1] + "…"


@cache
def _examples() -> list[dict[str, Any]]:
    chosen = yaml.safe_load(resource("prompts", "rewrite_examples.yaml").read_text(encoding="utf-8"))
    return [yaml.safe_load(_program(each["example"])) | each for each in chosen]


def _program(name: str) -> str:
    return resource("programs", "examples", f"{name}.yaml").read_text(encoding="utf-8")
