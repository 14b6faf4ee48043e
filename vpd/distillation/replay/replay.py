"""Replays a program along the trace of its execution: every value with where it came from."""

import ast
from dataclasses import dataclass

from vpd.distillation.replay.machine import Event, Machine, OutOfStep, Raised
from vpd.distillation.replay.statements import Interpreter
from vpd.distillation.replay.values import Function, Opaque, Patch, Segment, Value
from vpd.execution.entry import NoEntry, ProgramInputs, arguments, find_entry
from vpd.records import Example, Execution


@dataclass(frozen=True, slots=True)
class Replay:
    """What a program did, as far as its trace tells."""

    events: tuple[Event, ...]
    returned: Value
    """Its answer; `deps` are the steps that the answer stands on."""


def replay(example: Example, program: str, execution: Execution) -> Replay | None:
    """Tell a program again from its trace; None where the trace is cut short, or is not of this program.

    Nothing is executed. Values come from the trace; between its steps, only cheap and harmless operations
    (comparisons, bounded arithmetic, list handling) are computed.
    """
    try:
        tree = ast.parse(program.replace("\r\n", "\n").replace("\r", "\n"))
        entry = find_entry(tree)
        sizes = tuple((image.width, image.height) for image in example.images)
        inputs = ProgramInputs(sizes, example.question, example.choices, example.video)
        given = arguments(entry, inputs)
    except (SyntaxError, ValueError, RecursionError, NoEntry):
        return None
    machine = Machine(execution.steps, sizes)
    interpreter = Interpreter(machine)
    variables: dict[str, Value] = {"math": Value(Opaque("math"))}
    wholes = [Value(Patch(i, (0, 0, *size))) for i, size in enumerate(sizes)]
    values = {
        "image": wholes[0] if wholes else Value(None),
        "images": Value(wholes),
        "video": Value(Segment(0, len(sizes))),
        "choices": Value([Value(choice) for choice in example.choices]),
        "question": Value(example.question),
    }
    named = {n: wholes[what] if isinstance(what, int) else values[what] for n, what in given.items()}
    try:
        interpreter.block(tree.body, variables)
        function = variables[entry.name].data
        assert isinstance(function, Function)
        returned = interpreter.call(function, (), named, entry=True)
        if machine.position != len(execution.steps):
            return None
    except (OutOfStep, Raised, RecursionError):
        return None
    return Replay(tuple(machine.events), returned)
