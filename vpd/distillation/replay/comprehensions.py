"""Comprehensions and generators of a replayed program."""

import ast
from collections import ChainMap
from typing import TYPE_CHECKING, Literal

from vpd.distillation.replay.calls import TOOLS
from vpd.distillation.replay.machine import Event, Frame, OutOfStep
from vpd.distillation.replay.methods import merged
from vpd.distillation.replay.values import (
    UNKNOWN,
    Gathered,
    Opaque,
    Value,
    Variables,
    deps_of,
    hashable,
    truth,
)

if TYPE_CHECKING:
    from vpd.distillation.replay.expressions import Evaluator

_MAX_ITEMS = 2_000

Stop = Literal["true", "false", "first"]
"""After which element a generator is left."""

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class Comprehensions:
    """Evaluates comprehensions."""

    def __init__(self, evaluate: "Evaluator") -> None:
        self._evaluate = evaluate

    def __call__(self, node: Comprehension, variables: Variables, stop: Stop | None = None) -> Value:
        """The list (or dict) that a comprehension makes; it ends early after an element as `stop` says."""
        found: list[tuple[Value, ...]] = []
        filtered = any(generator.ifs for generator in node.generators)
        result = Value(UNKNOWN, Gathered(None, filtered))
        complete = self._level(node, 0, ChainMap({}, variables), found, result, stop)
        if not complete:
            return result
        if isinstance(node, ast.DictComp):
            result.data = {pair[0].data: pair[1] for pair in found if hashable(pair[0].data)}
        else:
            result.data = [pair[0] for pair in found]
        return result

    def _level(
        self,
        node: Comprehension,
        depth: int,
        variables: Variables,
        found: list[tuple[Value, ...]],
        result: Value,
        stop: Stop | None,
    ) -> bool:
        """Go through one `for` of a comprehension; whether everything that it went through was known."""
        if depth == len(node.generators):
            return self._keep(node, variables, found, result, stop)
        generator = node.generators[depth]
        source = self._evaluate(generator.iter, variables)
        result.deps |= source.deps
        if depth == len(node.generators) - 1:
            assert isinstance(result.form, Gathered)
            result.form = Gathered(merged(result.form.source, source), result.form.filtered)
        items = self._evaluate.elements(source)
        complete = items is not None
        for index, item in enumerate(items if items is not None else self._guessed(node, generator)):
            bound = self._evaluate.bind(generator.target, item, variables)
            with self._evaluate.machine.within(Frame(generator, index, bound, source)):
                for condition in generator.ifs:
                    held, value = self._evaluate.test(condition, variables)
                    result.deps |= value.deps
                    if not held:
                        break
                else:
                    complete = self._level(node, depth + 1, variables, found, result, stop) and complete
            if len(found) > _MAX_ITEMS:
                raise OutOfStep("a comprehension makes too many elements")
            if found and _leaves(found[-1][0], stop):
                break
        return complete

    def _keep(
        self,
        node: Comprehension,
        variables: Variables,
        found: list[tuple[Value, ...]],
        result: Value,
        stop: Stop | None,
    ) -> bool:
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        values = tuple(self._evaluate(part, variables) for part in parts)
        found.append(values)
        result.deps |= deps_of(values)
        if isinstance(values[0].data, bool):
            self._evaluate.machine.events.append(
                Event("case", parts[0], values[0], self._evaluate.machine.frames)
            )
        return True

    def _guessed(self, node: Comprehension, generator: ast.comprehension) -> "list[Value]":
        """Unknown elements, as many as the trace shows passes of."""
        count = 0
        if len(node.generators) == 1 and generator.ifs and not _has_calls(node):
            first = generator.ifs[0]
            while self._evaluate.machine.position + count < len(self._evaluate.machine.steps):
                step = self._evaluate.machine.steps[self._evaluate.machine.position + count]
                if step.kind != "branch" or step.line != first.lineno:
                    break
                count += 1
        return [Value(UNKNOWN, Opaque("")) for _ in range(count)]


def _leaves(element: Value, stop: Stop | None) -> bool:
    return stop == "first" or (stop is not None and truth(element) is (stop == "true"))


def _has_calls(node: Comprehension) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr in TOOLS for n in ast.walk(node))
