"""Calls in a replayed program: of tools, of the program API, of the language, and of its own functions."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vpd.distillation.replay import functions, methods
from vpd.distillation.replay.geometry import overlaps, part
from vpd.distillation.replay.machine import Event, OutOfStep, Raised
from vpd.distillation.replay.values import (
    UNKNOWN,
    Builtin,
    Called,
    Compared,
    Function,
    Measured,
    Opaque,
    Patch,
    Picked,
    Segment,
    Value,
    Variables,
    deps_of,
    from_json,
)
from vpd.execution import protocol

if TYPE_CHECKING:
    from vpd.distillation.replay.expressions import Evaluator, Run

TOOLS = frozenset(protocol.PARAMETERS)
"""Those that reach a tool, so that the trace shows them."""

PARAMETERS: dict[str, tuple[str, ...]] = protocol.PARAMETERS | {
    "best_image_match": ("list_patches", "content", "return_index"),
    "select_frames": ("description", "count"),
    "crop": ("left", "lower", "right", "upper"),
    "overlaps_with": ("left", "lower", "right", "upper"),
    "ImagePatch": ("image", "left", "lower", "right", "upper"),
    "VideoSegment": ("video", "start", "end"),
    "trim": ("start", "end"),
    "frame_from_index": ("index",),
    "frame_iterator": (),
}
"""The program API, with the names of its parameters (`programs/api.pyi`); of two tools the host is told others."""

_EDGES = ("left", "lower", "right", "upper")


class Caller:
    """Evaluates calls."""

    def __init__(self, evaluate: "Evaluator", run: "Run") -> None:
        self._evaluate = evaluate
        self._run = run
        self._machine = evaluate.machine

    def __call__(self, node: ast.Call, variables: Variables) -> Value:
        match node.func, node.args:
            case ast.Name(id="any" | "all" | "next" as name), [ast.GeneratorExp() as generator, *_] if (
                name not in variables
            ):
                return self._early(name, generator, node, variables)
            case _:
                pass
        function = self._evaluate(node.func, variables)
        arguments, named = self._arguments(node, variables)
        return self.call(function, arguments, named, node)

    def call(
        self,
        function: Value,
        arguments: Sequence[Value],
        named: dict[str, Value],
        node: ast.expr,
        line: int | None = None,
    ) -> Value:
        """Call a value; `line` is that of the step of a tool, where the trace need not show this node."""
        given = [*arguments, *named.values()]
        match function.data:
            case Function():
                return self._run(function.data, arguments, named).on(function.deps)
            case Builtin(name, receiver) if _is_api(name, receiver):
                values = dict(zip(PARAMETERS[name], arguments, strict=False)) | named
                return self._api(name, receiver, values, node)
            case Builtin(name, Value() as receiver):
                return methods.call(self, name, receiver, arguments, named, node)
            case Builtin(name, None):
                return functions.call(self, name, arguments, named, node)
            case _:
                return Value(UNKNOWN, Opaque(ast.unparse(node), tuple(given)), deps_of(given) | function.deps)

    def apply(self, function: Value, arguments: Sequence[Value], node: ast.expr) -> Value:
        """What a function passed as a value gives, e.g. the key of an element."""
        self._machine.tick()
        return self.call(function, arguments, {}, node)

    def elements(self, value: Value) -> list[Value] | None:
        return self._evaluate.elements(value)

    def pick(self, node: ast.expr, value: Value) -> None:
        """Note that the place of a value in a list is looked up."""
        self._machine.events.append(Event("pick", node, value, self._machine.frames))

    @property
    def control(self) -> frozenset[int]:
        return self._machine.control

    @property
    def source(self) -> Value | None:
        """What the innermost loop goes through."""
        return self._machine.frames[-1].source if self._machine.frames else None

    @property
    def passing(self) -> tuple[Value, ...]:
        """What the innermost loop's variables stand for."""
        return self._machine.frames[-1].items if self._machine.frames else ()

    def _arguments(self, node: ast.Call, variables: Variables) -> tuple[list[Value], dict[str, Value]]:
        arguments: list[Value] = []
        for argument in node.args:
            if not isinstance(argument, ast.Starred):
                arguments.append(self._evaluate(argument, variables))
                continue
            several = self._evaluate.elements(self._evaluate(argument.value, variables))
            if several is None:
                raise OutOfStep("a call spreads a list that is not known")
            arguments += several
        named = {
            each.arg: self._evaluate(each.value, variables) for each in node.keywords if each.arg is not None
        }
        return arguments, named

    def _early(self, name: str, generator: ast.GeneratorExp, node: ast.Call, variables: Variables) -> Value:
        """`any`, `all` and `next` leave a generator as soon as they know."""
        if name == "next":
            rest = [self._evaluate(argument, variables) for argument in node.args[1:]]
            first = self._evaluate.comprehension(generator, variables, stop="first")
            if isinstance(first.data, list):
                if first.data:
                    item: Value = first.data[0]
                    return item.on(first.deps)
                if rest:
                    return rest[0].on(first.deps)
                raise Raised("StopIteration")
            return Value(UNKNOWN, Opaque("", (first,)), first.deps)
        elements = self._evaluate.comprehension(
            generator, variables, stop="true" if name == "any" else "false"
        )
        return functions.quantify("any" if name == "any" else "all", elements)

    # The program API ----------------------------------------------------------------------------------------

    def _api(self, name: str, receiver: Value | None, values: dict[str, Value], node: ast.expr) -> Value:
        given = [values[p] for p in PARAMETERS[name] if p in values]
        deps = deps_of(given) | (receiver.deps if receiver else frozenset())
        if name in TOOLS and not (name == "best_image_match" and values["list_patches"].data == []):
            return self._tool(name, receiver, values, node, deps)
        sizes = self._machine.sizes
        edges = [values.get(edge) for edge in _EDGES]
        numbers = [edge.data if edge is not None else None for edge in edges]
        numeric = all(number is None or isinstance(number, int | float) for number in numbers)
        match name:
            case "crop" | "ImagePatch":
                of = values.get("image") if name == "ImagePatch" else receiver
                if of is None or not isinstance(of.data, Patch) or not numeric:
                    return Value(UNKNOWN, Opaque("crop", tuple(given)), deps)
                region = part(of.data, numbers, sizes)
                if region is None:
                    raise Raised("ValueError")
                return of if region == of.data else Value(region, Opaque("crop", (of, *given)), deps)
            case "overlaps_with" if receiver is not None:
                box = _box_of(edges)
                known = isinstance(receiver.data, Patch) and numeric and None not in numbers
                data = (
                    overlaps(receiver.data, [float(n) for n in numbers if n is not None], sizes)
                    if known
                    else UNKNOWN
                )
                other = box if box is not None else Value(UNKNOWN, Opaque("box", tuple(given)), deps)
                return Value(data, Compared("overlaps", receiver, other), deps)
            case _:
                return self._video(name, receiver, values, deps)

    def _video(
        self, name: str, receiver: Value | None, values: dict[str, Value], deps: frozenset[int]
    ) -> Value:
        of = values.get("video") if name == "VideoSegment" else receiver
        if of is None or not isinstance(of.data, Segment):
            return Value(UNKNOWN, Opaque(name), deps)
        first, last = of.data
        match name, values.get("index"):
            case "frame_from_index", Value(data=int(index)):
                if not first - last <= index < last - first:
                    raise Raised("IndexError")
                return Value(self._frame(first + index % (last - first)), Opaque("frame", (of,)), deps)
            case "frame_iterator", _:
                frames = [Value(self._frame(i), Opaque("frame", (of,)), deps) for i in range(first, last)]
                return Value(frames, Opaque("frames", (of,)), deps)
            case (("trim" | "VideoSegment"), _):
                edges = [values[p].data if p in values else None for p in ("start", "end")]
                if not all(edge is None or isinstance(edge, int | float) for edge in edges):
                    return Value(UNKNOWN, Opaque(name), deps)
                length = last - first
                start = 0 if edges[0] is None else min(max(int(edges[0]), 0), length)
                end = length if edges[1] is None else min(max(int(edges[1]), start), length)
                return Value(Segment(first + start, first + end), Opaque("trim", (of,)), deps)
            case _:
                return Value(UNKNOWN, Opaque(name), deps)

    def _frame(self, index: int) -> Patch:
        width, height = self._machine.sizes[index]
        return Patch(index, (0, 0, width, height))

    def _tool(
        self,
        name: str,
        receiver: Value | None,
        values: dict[str, Value],
        node: ast.expr,
        deps: frozenset[int],
    ) -> Value:
        step = self._machine.take("call", None, name)
        shown: Any = self._machine.steps[step].result
        deps |= {step}
        form = Measured("depth", receiver) if name == "compute_depth" and receiver else Called(name, step)
        result = from_json(shown, deps, form)
        if name == "best_image_match" and isinstance(shown, int):
            patches = self._evaluate.elements(values["list_patches"])
            index = values.get("return_index")
            if not (index is not None and index.data is True):
                found = patches[shown] if patches and shown < len(patches) else Value(UNKNOWN)
                result = Value(found.data, Picked(values["list_patches"], shown), deps | found.deps)
        arguments = (receiver, *(values.get(parameter) for parameter in PARAMETERS[name]))
        self._machine.events.append(
            Event("call", node, result, self._machine.frames, step, arguments=arguments)
        )
        return result


def _is_api(name: str, receiver: Value | None) -> bool:
    if receiver is None:
        return name in ("best_image_match", "llm_query", "ImagePatch", "VideoSegment")
    return name in PARAMETERS and isinstance(receiver.data, Patch | Segment)


def _box_of(edges: Sequence[Value | None]) -> Value | None:
    """The patch whose four edges these are."""
    patches = [
        edge.form.of
        for edge, name in zip(edges, _EDGES, strict=True)
        if edge is not None and isinstance(edge.form, Measured) and edge.form.what == name
    ]
    if len(patches) == 4 and len({patch.data for patch in patches}) == 1:
        return patches[0]
    return None
