"""Runs programs in worker processes: one program, its inputs and its tools in; one typed outcome out."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pydantic_monty import AsyncMonty, MontyCrashedError
from pydantic_monty import ResourceLimits as MontyLimits

from vpd.execution.calls import ProgramHost
from vpd.execution.entry import ProgramInputs
from vpd.execution.limits import Limits
from vpd.execution.check import Checker, CheckResult
from vpd.execution.prepare import Prepared
from vpd.execution.screen import Refusal
from vpd.execution.session import Ending, Run
from vpd.records import ErrorInfo, Status, Step
from vpd.execution.walls import worker_binary
from vpd.resources import resource


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended: what `records.Execution` holds, less the ids."""

    status: Status
    answer: str | None = None
    error: ErrorInfo | None = None
    steps: tuple[Step, ...] = ()
    steps_dropped: int = 0


class Sandbox:
    """A pool of worker processes, one for each program that runs at the same time.

    A worker that waits for a tool costs a megabyte and no time, so `workers` bounds how many programs can
    wait for tools together, and with that the size of their batches. Call `run` for at most `workers` programs
    at once: one more would wait for a worker, and whoever counts programs that may still call a tool would
    count it among them.
    """

    def __init__(self, limits: Limits | None = None, workers: int = 64) -> None:
        """
        Args:
            limits: what each program may use.
            workers: how many programs run at the same time.
        """
        self.limits = limits or Limits()
        self.workers = workers
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            binary = opening.enter_context(worker_binary(self.limits.memory_mb))
            self._checker = await opening.enter_async_context(Checker(self.limits))
            self._pool = await opening.enter_async_context(
                AsyncMonty(binary_path=binary, min_processes=1, max_processes=self.workers)
            )
            self._prelude = await self._load_prelude()
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def _load_prelude(self) -> bytes:
        """A session with the prelude in it, saved: loading it is faster than running the prelude again."""
        async with self._pool.checkout(limits=self._limits(), os_policy=_POLICY) as session:
            for part in ("prelude_runtime.py", "prelude.py"):
                await session.feed_run(resource("programs", part).read_text("utf-8"))
            return await session.dump()

    async def check(self, program: str) -> CheckResult:
        """Whether the program may run, and if not, why: what `run` does first."""
        return await self._checker.check(program)

    async def run(self, program: str, inputs: ProgramInputs, host: ProgramHost) -> Outcome:
        """Run a program; `host` answers its calls. Every program ends in an outcome."""
        checked, prepared = await self._checker.prepared(program)
        if prepared is None:
            return Outcome(checked.status, error=checked.error)
        try:
            code = prepared.code(inputs)
        except Refusal as refusal:
            return Outcome(refusal.status, error=refusal.error)
        for attempt in (1, 2):
            try:
                async with asyncio.timeout(self.limits.total_seconds):
                    return await self._attempt(prepared, code, inputs, host)
            except TimeoutError:
                message = f"not finished after {self.limits.total_seconds:g} s, tools included"
                return Outcome("timeout", error=ErrorInfo(type="TimeoutError", message=message))
            except MontyCrashedError as crash:
                if crash.timed_out:
                    return Outcome("timeout", error=ErrorInfo(type="TimeoutError", message="time limit exceeded"))
                if attempt == 2:
                    return Outcome("error", error=ErrorInfo(type="WorkerCrash", message="its worker died twice"))
        raise AssertionError("both attempts returned nothing")

    async def _attempt(
        self, prepared: Prepared, code: str, inputs: ProgramInputs, host: ProgramHost
    ) -> Outcome:
        async with self._pool.checkout(limits=self._limits(), os_policy=_POLICY) as session:
            await session.load_session(self._prelude)
            run = Run(session, prepared, inputs, host, self.limits)
            end: Ending = await run.ending(code)
        return Outcome(end.status, end.answer, end.error, run.trace.steps, run.trace.dropped)

    def _limits(self) -> MontyLimits:
        return {
            "max_feed_duration_secs": self.limits.seconds,
            "max_memory": self.limits.memory_mb * 2**20,
            "max_recursion_depth": self.limits.recursion,
            "max_suspensions": self.limits.tool_calls + 1000,
        }


# Nothing in a program may depend on the clock or on chance: the same inputs give the same outcome.
_POLICY = {
    "datetime": __import__("datetime").datetime(2000, 1, 1),
    "sleep": "zero",
    "random_start": {"seed": 0},
}
