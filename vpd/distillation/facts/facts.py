"""The facts of one execution: from its replay, or from its trace alone where it cannot be replayed."""

from collections.abc import Collection
from contextlib import suppress

from vpd.distillation.facts.extract import extract
from vpd.distillation.facts.models import Fact
from vpd.distillation.facts.trace_only import tool_facts
from vpd.distillation.replay.replay import replay
from vpd.records import Example, Execution


def find_facts(
    example: Example, program: str, execution: Execution, matters: Collection[int] | None = None
) -> tuple[Fact, ...]:
    """What a program found out that its answer hangs on, in order; the answer comes last.

    The answer hangs on a step if its value flowed into the answer, or decided which statements ran (a dynamic
    slice, with what the program might have done instead from its syntax tree). Where the trace is cut short,
    so that the program cannot be replayed along it, everything that the tools said is told.

    Args:
        example: the question.
        program: the candidate's text.
        execution: how it ran.
        matters: indices of the steps that evidence shows the answer to hang on; tool calls outside of it are
            left out. None where there is no such evidence.
    """
    with suppress(Exception):  # programs are untrusted: whatever one trips up, what its tools said stands
        told = replay(example, program, execution)
        if told is not None:
            return extract(example, execution, told, matters)
    sizes = [(image.width, image.height) for image in example.images]
    return tool_facts(execution, sizes, None if matters is None else frozenset(matters))
