"""The state of a replay: the place in the trace, the pass of each loop, and what has happened so far."""

import ast
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from vpd.distillation.replay.geometry import Size
from vpd.distillation.replay.values import NOTHING, Constant, Opaque, Value, from_json, same
from vpd.records import Step

MAX_OPERATIONS = 200_000
"""Expressions evaluated in one replay: programs are untrusted, and most need a few hundred."""


class OutOfStep(Exception):
    """The trace does not go on as the replay does: what has been replayed cannot be relied on."""


class Raised(Exception):
    """The program raised an exception of this type."""


class Frame(NamedTuple):
    """One pass of a loop or a comprehension."""

    site: ast.AST
    """The loop."""
    turn: int
    """Which pass it is, from 0."""
    items: tuple[Value, ...]
    """What the loop's variables stand for in this pass."""
    source: Value
    """What is gone through."""


EventKind = Literal["call", "test", "bind", "case", "pick", "return"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in the order it did."""

    kind: EventKind
    """The trace does not show `case`, an element of a comprehension that is true or false, nor `pick`, a measure
    whose place in a list is looked up."""
    node: ast.expr
    """Where in the program: the call, the condition, or the value."""
    value: Value
    frames: tuple[Frame, ...]
    step: int | None = None
    """Its step in the trace."""
    name: str | None = None
    """The variable that was bound."""
    arguments: "tuple[Value | None, ...]" = ()
    """Of a call: what it was made on, then its arguments in the order of the program API."""


@dataclass(slots=True)
class Machine:
    """`steps` is the trace, `sizes` the widths and heights of the images."""

    steps: Sequence[Step]
    sizes: Sequence[Size]
    position: int = 0
    events: list[Event] = field(default_factory=list[Event])
    frames: tuple[Frame, ...] = ()
    control: frozenset[int] = NOTHING
    """Steps that decided that the present statement runs."""
    operations: int = 0

    def tick(self) -> None:
        self.operations += 1
        if self.operations > MAX_OPERATIONS:
            raise OutOfStep("the program does too much between the steps of its trace")

    def comes(self, kind: str, line: int, what: str | None = None) -> bool:
        """Whether the next step is of this kind and line, and of this name or tool."""
        if self.position >= len(self.steps):
            return False
        step = self.steps[self.position]
        found = step.tool if kind == "call" else step.name
        return step.kind == kind and step.line == line and found == what

    def take(self, kind: str, line: int | None, what: str | None = None) -> int:
        """The index of the next step, which must be of this kind, line, and name or tool."""
        if self.position >= len(self.steps):
            raise OutOfStep("the trace ends before the program")
        step = self.steps[self.position]
        found = step.tool if kind == "call" else step.name
        if step.kind != kind or (line is not None and step.line != line) or found != what:
            raise OutOfStep(f"step {self.position} is not the {kind} of line {line}")
        self.position += 1
        return self.position - 1

    def see(
        self, kind: Literal["bind", "branch", "return"], node: ast.expr, value: Value, name: str | None = None
    ) -> Value:
        """Take the step that shows this value. Where the two differ, the trace is right."""
        index = self.take(kind, node.lineno, name)
        shown = self.steps[index].value
        deps = value.deps | {index}
        if value.known and same(value, shown):
            seen = value.on(deps)
        else:
            followed = not (value.known or isinstance(value.form, Constant))
            seen = from_json(shown, deps, value.form if followed else Opaque("", (value,)))
            if kind == "branch" and not seen.known:
                seen.data = bool(shown)
        event: EventKind = "test" if kind == "branch" else kind
        self.events.append(Event(event, node, seen, self.frames, index, name))
        return seen

    def see_name(self, name: str, line: int, value: Value) -> Value:
        """Take the step that shows what a loop or a call gives a name to."""
        index = self.take("bind", line, name)
        shown = self.steps[index].value
        if not (value.known and same(value, shown)):
            value = from_json(shown, value.deps, value.form)
        return value.on(frozenset({index}))

    @contextmanager
    def within(self, frame: Frame) -> Generator[None]:
        """One pass of a loop."""
        before = self.frames
        self.frames = (*before, frame)
        try:
            yield
        finally:
            self.frames = before
