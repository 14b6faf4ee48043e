"""Drives one program through one worker: answers its calls, collects its trace, types its end."""

from dataclasses import dataclass
from typing import Any

from pydantic_monty import (
    AsyncFunctionSnapshot,
    AsyncMontySession,
    AsyncNameLookupSnapshot,
    AsyncSnapshot,
    CollectString,
    MontyComplete,
    MontyRuntimeError,
    MontySyntaxError,
)

from vpd.errors import UserError
from vpd.execution.answer import NoAnswer, TooLong, answer_text
from vpd.execution.calls import ApiCall, ProgramHost, ToolFailure
from vpd.execution.entry import ProgramInputs
from vpd.execution.limits import Limits
from vpd.execution.prepare import Prepared
from vpd.execution.protocol import Forged, clean, read_call, read_result
from vpd.execution.trace import Trace
from vpd.execution.unsupported import tells_of_lack
from vpd.records import ErrorInfo, Status

_PROGRAM_FILE = "<python-input-2>"
"""What tracebacks call the third text that a session is fed; the first two are the prelude."""

_MESSAGE_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended, less its trace."""

    status: Status
    answer: str | None = None
    error: ErrorInfo | None = None


def failed(status: Status, kind: str, message: str, line: int | None = None) -> Ending:
    """The end of a program without an answer."""
    return Ending(status, error=ErrorInfo(type=kind, message=message[:_MESSAGE_CHARS], line=line))


class Run:
    """One program in one session."""

    def __init__(self, prepared: Prepared, inputs: ProgramInputs, host: ProgramHost, limits: Limits) -> None:
        self._prepared = prepared
        self._inputs = inputs
        self._host = host
        self._limits = limits
        self._calls = 0
        self.trace = Trace(prepared.rewritten.sites, inputs.images, limits)

    async def ending(self, session: AsyncMontySession, code: str) -> Ending:
        """Run the program, in a session that holds the prelude, to its end.

        Raises:
            MontyCrashedError: the worker died, or was killed for not answering.
        """
        try:
            snapshot = await session.feed_start(
                code,
                inputs={
                    "_vpd_sizes": list(self._inputs.images),
                    "_vpd_limits": [self._limits.trace_steps, self._limits.trace_value_chars],
                    "_vpd_question": clean(self._inputs.question),
                    "_vpd_choices": [clean(choice) for choice in self._inputs.choices],
                },
                print_callback=CollectString(max_bytes=self._limits.output_chars),
            )
            while not isinstance(snapshot, MontyComplete):
                followed = await self._follow(snapshot)
                if isinstance(followed, Ending):
                    return followed
                snapshot = followed
            return self._completed(*snapshot.output)
        except MontySyntaxError as error:
            return failed("unsupported", "SyntaxError", str(error))
        except MontyRuntimeError as error:
            return await self._raised(session, error)
        except Forged:
            return failed("violation", "NameError", "the program reached into the sandbox's own functions")

    async def _follow(self, snapshot: AsyncSnapshot) -> AsyncSnapshot | Ending:
        """Answer what the program waits for, or end it there."""
        match snapshot:
            case AsyncNameLookupSnapshot():
                return await snapshot.resume()  # nobody defines it: the program gets its NameError
            case AsyncFunctionSnapshot(is_os_function=True, function_name=name):
                return failed("violation", "PermissionError", f"{name} is not allowed in a program")
            case AsyncFunctionSnapshot(function_name="_vpd_forbidden"):
                return failed(
                    "violation", "PermissionError", f"{snapshot.args[0]} is not allowed in a program"
                )
            case AsyncFunctionSnapshot(function_name="_vpd_host"):
                return await self._tool(snapshot)
            case AsyncFunctionSnapshot(function_name=name):
                return await snapshot.resume({"exception": NameError(f"name {name!r} is not defined")})
            case _:
                return failed("unsupported", "NotImplementedError", "the sandbox's Python has no await")

    async def _tool(self, snapshot: AsyncFunctionSnapshot) -> AsyncSnapshot | Ending:
        """Hand a call to the host. A failure ends the program: nothing in it can catch that."""
        site, values, *sent = snapshot.args
        self.trace.values(values)
        method, region, arguments = sent
        call = read_call(method, region, arguments, self._inputs.images)
        line = self._prepared.rewritten.sites[site].line
        self._calls += 1
        if self._calls > self._limits.tool_calls:
            return failed("timeout", "ToolCallLimit", f"more than {self._limits.tool_calls} tool calls", line)
        try:
            result = await self._host.call(call)
            answer = read_result(call, result, self._inputs.images)
        except ToolFailure as failure:
            return self._tool_failed(site, call, "ToolFailure", str(failure))
        except UserError:
            raise  # the run cannot go on: the disk is full, say
        except Exception as error:  # noqa: BLE001 - a fault of the host's is no reason to lose the row
            return self._tool_failed(site, call, type(error).__name__, str(error))
        self.trace.call(site, call, result, None)
        return await snapshot.resume({"return_value": answer})

    def _tool_failed(self, site: int, call: ApiCall, kind: str, message: str) -> Ending:
        self.trace.call(site, call, None, message)
        return failed("tool_error", kind, message, self._prepared.rewritten.sites[site].line)

    def _completed(self, value: Any, rest: Any) -> Ending:
        if lack := self._rest(*rest):
            return failed("unsupported", *lack)
        try:
            return Ending("ok", answer_text(value, self._limits.output_chars))
        except NoAnswer as why:
            return failed("no_answer", "NoAnswer", str(why))
        except TooLong:
            most = self._limits.output_chars
            return failed("memory", "OutputLimit", f"the answer has more than {most} characters")

    def _rest(self, values: Any, seen: int, caught: list[tuple[str, str]]) -> tuple[str, str] | None:
        """Complete the trace. Returns an exception of the interpreter's own making that the program caught."""
        self.trace.values(values)
        self.trace.unreported(max(0, seen - self._limits.trace_steps))
        return next((each for each in caught if tells_of_lack(*each)), None)

    async def _raised(self, session: AsyncMontySession, error: MontyRuntimeError) -> Ending:
        raised = error.exception()
        kind, message = type(raised).__name__, str(raised)
        status = _limit_status(kind, message)
        if status is None:
            status = "unsupported" if tells_of_lack(kind, message) else "error"
            try:
                lack = self._rest(*await session.feed_run("_vpd_rest()"))
            except MontyRuntimeError:  # at the edge of a limit, the rest of the trace is lost
                lack = None
            if lack:
                status = "unsupported"
        return failed(status, kind, message, self._line(error))

    def _line(self, error: MontyRuntimeError) -> int | None:
        lines = [frame.line for frame in error.traceback() if frame.filename == _PROGRAM_FILE]
        return self._prepared.rewritten.line(lines[-1]) if lines else None


def _limit_status(kind: str, message: str) -> Status | None:
    """Which limit an exception tells of. None: it is the program's own, and its state can still be read."""
    match kind:
        case "TimeoutError" if "time limit exceeded" in message:
            return "timeout"
        case "RuntimeError" if "suspension limit" in message:
            return "timeout"
        case "MemoryError" | "RecursionError":
            return "memory"
        case _:
            return None
