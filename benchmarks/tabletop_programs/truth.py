"""Whether a program is right for the right reasons: its agreement with the gold answer on fresh scenes.

The programs are our own, so they run in this process.
"""

import builtins
import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from benchmarks.reference.cpython import plain
from vpd.execution.answer import NoAnswer, TooLong, answer_text
from vpd.execution.protocol import read_call, read_result
from vpd.records import Example
from vpd.resources import resource
from vpd.tabletop.annotation import Annotation
from vpd.tabletop.host import TruthHost
from vpd.verification.answers import match

RIGHT_FROM = 0.95
"""Share of the fresh scenes on which a right program agrees with the gold answer."""


class Scene:
    """Some views, ready to run programs on."""

    def __init__(self, views: Sequence[Annotation], video: bool) -> None:
        sizes = tuple((view.width, view.height) for view in views)
        host = TruthHost(views)

        def tool(method: str, region: Any, *arguments: Any) -> Any:
            call = read_call(method, region, arguments, sizes)
            return read_result(call, _now(host.call(call)), sizes)

        builtin = {f"_vpd_{name}": getattr(builtins, name) for name in dir(builtins) if name[0] != "_"}
        self._scope: dict[str, Any] = builtin | {
            "_vpd_tool": tool,
            "_vpd_made": object(),
            "_vpd_sizes": sizes,
            "_vpd_findall": re.findall,
            "math": math,
            "re": re,
        }
        exec(_prelude(), self._scope)
        self._argument = "_vpd_VideoSegment(_vpd_made, 0, len(_vpd_sizes))" if video else "_vpd_image(0)"

    def run(self, code: Any) -> str | None:
        """The answer of a compiled program; None if it fails."""
        scope = dict(self._scope)
        try:
            exec(code, scope)
            return answer_text(plain(eval(f"execute_command({self._argument})", scope)), 10_000)
        except (NoAnswer, TooLong):
            return None
        except Exception:  # noqa: BLE001 - a program may raise anything
            return None


@cache
def _prelude() -> Any:
    return compile(resource("programs", "prelude.py").read_text("utf-8"), "prelude", "exec")


def agreement(program: str, scenes: Sequence[tuple[Scene, Example]], most_wrong: int) -> float:
    """The share of the scenes on which a program answers as the label says; 0 once more than `most_wrong` differ."""
    code = compile(program, "program", "exec")
    wrong = 0
    for scene, example in scenes:
        answer = scene.run(code)
        wrong += answer is None or not match(answer, example).correct
        if wrong > most_wrong:
            return 0.0
    return 1 - wrong / len(scenes)


def _now(answer: Any) -> Any:
    """What a coroutine that never waits returns."""
    try:
        answer.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the host waits for something")
