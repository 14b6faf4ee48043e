"""Runs programs in plain CPython, as the reference: reads `{program, seeds}` lines, writes one result line each.

Meant to be run as a child of `benchmarks.fidelity` behind walls, because it executes untrusted programs.
"""

import builtins
import inspect
import io
import json
import math
import os
import re
import signal
import sys
from typing import Any

from benchmarks.reference.stub_tools import SIZES, answer, call_key
from vpd.execution.answer import NoAnswer, TooLong, answer_text
from vpd.execution.calls import ApiCall
from vpd.execution.protocol import read_call, read_result
from vpd.resources import resource

SECONDS = 2
MAX_CALLS = 1000


class Stopped(BaseException):
    """The program ran too long."""


class TooManyCalls(BaseException):
    """The program called its tools too often."""


def namespace(seed: int, calls: list[object]) -> dict[str, Any]:
    """The program language in CPython: the sandbox's own prelude over the stub tools."""

    def tool(method: str, region: Any, *arguments: Any) -> Any:
        if len(calls) == MAX_CALLS:
            raise TooManyCalls
        call: ApiCall = read_call(method, region, arguments, SIZES)
        calls.append(call_key(call))
        return read_result(call, answer(seed, call), SIZES)

    scope: dict[str, Any] = {
        f"_vpd_{name}": getattr(builtins, name) for name in dir(builtins) if name[0] != "_"
    }
    scope |= {"_vpd_tool": tool, "_vpd_made": object(), "_vpd_sizes": SIZES, "_vpd_findall": re.findall}
    scope |= {"math": math, "re": re}  # as in the sandbox, programs need not import them
    exec(compile(resource("programs", "prelude.py").read_text("utf-8"), "prelude", "exec"), scope)
    return scope


def plain(value: Any) -> Any:
    """What `_vpd_answer` of the sandbox's prelude hands over."""
    scalars = (int, float, bool, str, type(None))
    if type(value) in scalars:
        return value
    if type(value) in (list, tuple) and all(type(item) in scalars for item in value):
        return list(value)
    return (type(value).__name__,)


def run(program: str, seed: int) -> dict[str, Any]:
    """One program with one seed: status, answer, tool calls."""
    calls: list[object] = []
    status, text, why = "ok", None, ""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        scope = namespace(seed, calls)
        exec(compile(program, "program", "exec"), scope)
        functions = re.findall(r"^def (\w+)", program, re.MULTILINE)
        name = "execute_command" if "execute_command" in scope else functions[0]
        image = [scope["_vpd_image"](0)] if inspect.signature(scope[name]).parameters else []
        text = answer_text(plain(scope[name](*image)), 10_000)
    except NoAnswer:
        status = "no_answer"
    except (Stopped, TooManyCalls, TooLong, RecursionError, MemoryError) as error:
        status, why = "limit", type(error).__name__
    except BaseException as error:  # noqa: BLE001 - whatever an untrusted program raises is a result
        status, why = "error", f"{type(error).__name__}: {error}"[:300]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"status": status, "answer": text, "calls": calls, "why": why}


def _stop(*_: object) -> None:
    raise Stopped


def main() -> None:
    results = os.fdopen(os.dup(1), "w")
    os.close(1)
    sys.stdout = sys.stderr = io.StringIO()  # what programs print
    signal.signal(signal.SIGALRM, _stop)
    for line in sys.stdin:
        task = json.loads(line)
        results.write(json.dumps([run(task["program"], seed) for seed in task["seeds"]]) + "\n")
        results.flush()


if __name__ == "__main__":
    main()
