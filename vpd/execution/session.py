"""Drives one program through one worker: answers its calls, collects its trace, types its end."""

from dataclasses import dataclass
from typing import Any

from pydantic_monty import (
    AsyncFunctionSnapshot,
    AsyncMontySession,
    AsyncNameLookupSnapshot,
    CollectString,
    MontyComplete,
    MontyRuntimeError,
    MontySyntaxError,
)

from vpd.execution.answer import NoAnswer, TooLong, answer_text
from vpd.execution.calls import ProgramHost, ToolFailure
from vpd.execution.entry import ProgramInputs
from vpd.execution.limits import Limits
from vpd.execution.prepare import Prepared
from vpd.execution.protocol import Forged, read_call, read_result
from vpd.execution.trace import Trace
from vpd.execution.unsupported import tells_of_lack
from vpd.records import ErrorInfo, Status


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended, less its trace."""

    status: Status
    answer: str | None = None
    error: ErrorInfo | None = None


class Run:
    """One program in one session."""

    def __init__(
        self,
        session: AsyncMontySession,
        prepared: Prepared,
        inputs: ProgramInputs,
        host: ProgramHost,
        limits: Limits,
    ) -> None:
        self._session = session
        self._prepared = prepared
        self._inputs = inputs
        self._host = host
        self._limits = limits
        self._calls = 0
        self.trace = Trace(prepared.rewritten.sites, inputs.images, limits)

    async def ending(self, code: str) -> Ending:
        """Run the program to its end.

        Raises:
            MontyCrashedError: the worker died.
        """
        try:
            snapshot = await self._session.feed_start(
                code,
                inputs={
                    "_vpd_sizes": list(self._inputs.images),
                    "_vpd_limits": [self._limits.trace_steps, self._limits.trace_value_chars],
                    "_vpd_question": self._inputs.question,
                    "_vpd_choices": list(self._inputs.choices),
                },
                print_callback=CollectString(max_bytes=self._limits.output_chars),
            )
            while not isinstance(snapshot, MontyComplete):
                if isinstance(snapshot, AsyncNameLookupSnapshot):
                    snapshot = await snapshot.resume()  # the program gets its NameError
                elif isinstance(snapshot, AsyncFunctionSnapshot):
                    answer = await self._answer(snapshot)
                    if isinstance(answer, Ending):
                        return answer
                    snapshot = await snapshot.resume(answer)
                else:
                    return self._failed("unsupported", "NotImplementedError", "await is not supported")
            return self._completed(snapshot.output)
        except MontySyntaxError as error:
            return self._failed("unsupported", "SyntaxError", str(error))
        except MontyRuntimeError as error:
            return await self._raised(error)
        except Forged:
            return self._failed("violation", "NameError", "the program reached into the sandbox's own functions")

    async def _answer(self, snapshot: AsyncFunctionSnapshot) -> "Any | Ending":
        name = snapshot.function_name
        if snapshot.is_os_function or name == "_vpd_forbidden":
            what = name if snapshot.is_os_function else str(snapshot.args[0])
            return self._failed("violation", "PermissionError", f"{what} is not allowed in a program")
        if name != "_vpd_host":
            return {"exception": NameError(f"name {name!r} is not defined")}
        site, values, method, region, arguments = snapshot.args
        self.trace.values(values)
        call = read_call(method, region, arguments, self._inputs.images)
        self._calls += 1
        if self._calls > self._limits.tool_calls:
            return self._failed(
                "timeout", "ToolCallLimit", f"more than {self._limits.tool_calls} tool calls", self._line(site)
            )
        try:
            result = await self._host.call(call)
            answer = read_result(call, result, self._inputs.images)
        except ToolFailure as failure:
            self.trace.call(site, call, None, str(failure))
            return self._failed("tool_error", "ToolFailure", str(failure), self._line(site))
        self.trace.call(site, call, result, None)
        return {"return_value": answer}

    def _completed(self, output: Any) -> Ending:
        value, rest = output
        if lack := self._rest(*rest):
            return self._failed("unsupported", *lack)
        try:
            return Ending("ok", answer_text(value, self._limits.output_chars))
        except NoAnswer as why:
            return self._failed("no_answer", "NoAnswer", str(why))
        except TooLong:
            return self._failed(
                "memory", "OutputLimit", f"the answer has more than {self._limits.output_chars} characters"
            )

    def _rest(self, values: Any, seen: int, caught: list[tuple[str, str]]) -> tuple[str, str] | None:
        """Complete the trace; returns an exception of the interpreter's own making that the program swallowed."""
        self.trace.values(values)
        self.trace.unreported(max(0, seen - self._limits.trace_steps))
        return next((each for each in caught if tells_of_lack(*each)), None)

    async def _raised(self, error: MontyRuntimeError) -> Ending:
        raised = error.exception()
        kind, message = type(raised).__name__, str(raised)
        line = self._error_line(error)
        status = _limit_status(kind, message)
        if status is None:
            lack = self._rest(*await self._session.feed_run("_vpd_rest()"))
            status = "unsupported" if lack or tells_of_lack(kind, message) else "error"
        return self._failed(status, kind, message, line)

    def _error_line(self, error: MontyRuntimeError) -> int | None:
        lines = [frame.line for frame in error.traceback() if frame.filename == _PROGRAM_FILE]
        return self._prepared.rewritten.line(lines[-1]) if lines else None

    def _line(self, site: int) -> int:
        return self._prepared.rewritten.sites[site].line

    def _failed(self, status: Status, kind: str, message: str, line: int | None = None) -> Ending:
        return Ending(status, error=ErrorInfo(type=kind, message=message[:2000], line=line))


_PROGRAM_FILE = "<python-input-2>"


def _limit_status(kind: str, message: str) -> Status | None:
    """Which limit an exception tells of. None: the program raised it, and its state can still be read."""
    if kind == "TimeoutError" and "time limit exceeded" in message:
        return "timeout"
    if kind == "MemoryError":
        return "memory"
    if kind == "RecursionError":
        return "memory"
    return None
