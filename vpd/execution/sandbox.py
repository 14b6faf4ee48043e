"""Runs programs in worker processes: one program, its inputs and its tools in; one typed outcome out."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from pydantic_monty import AsyncMontySession, MontyCrashedError, OSPolicy, ResourceLimits

from vpd.execution.calls import ProgramHost
from vpd.execution.check import Checker, CheckResult
from vpd.execution.entry import ProgramInputs
from vpd.execution.limits import Limits
from vpd.execution.pool import worker_pool
from vpd.execution.prepare import Prepared
from vpd.execution.screen import Refusal
from vpd.execution.session import Ending, Run, failed
from vpd.records import ErrorInfo, Status, Step
from vpd.resources import resource

__all__ = ["Outcome", "ProgramInputs", "Sandbox"]

# Nothing in a program may hang on the clock or on chance: the same inputs give the same outcome.
_POLICY: OSPolicy = {"datetime": datetime(2000, 1, 1), "sleep": "zero", "random_start": {"seed": 0}}

_PRELUDE = ("prelude_runtime.py", "prelude.py")


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

    A worker that waits for a tool costs a megabyte of memory and no time, so `workers` bounds how many programs
    can wait for tools together, and with that the size of their batches. Call `run` for at most `workers` programs
    at once: one more would itself wait for a worker, and whoever counts the programs that may still call a tool
    would count it among them.
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
            self._checker = await opening.enter_async_context(Checker(self.limits))
            self._pool = await opening.enter_async_context(
                worker_pool(self.limits.memory_mb, self.workers, warm=1)
            )
            self._prelude = await self._load_prelude()
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def check(self, program: str) -> CheckResult:
        """Whether a program may run, and if not, why: what `run` does first."""
        return await self._checker.check(program)

    async def run(self, program: str, inputs: ProgramInputs, host: ProgramHost) -> Outcome:
        """Run a program; `host` answers its calls. Every program ends in an outcome.

        The same program, inputs and answers give the same outcome. A program whose worker was killed from outside
        is run once more, so that `host` may be asked its questions twice.
        """
        checked, prepared = await self._checker.prepared(program)
        if prepared is None:
            return Outcome(checked.status, error=checked.error)
        try:
            code = prepared.code(inputs)
        except Refusal as refusal:
            return Outcome(refusal.status, error=refusal.error)
        outcome = await self._attempt(prepared, code, inputs, host)
        return outcome or await self._attempt(prepared, code, inputs, host) or _crashed()

    async def _attempt(
        self, prepared: Prepared, code: str, inputs: ProgramInputs, host: ProgramHost
    ) -> Outcome | None:
        """The program's outcome; None if its worker died."""
        run = Run(prepared, inputs, host, self.limits)
        try:
            async with asyncio.timeout(self.limits.total_seconds), self._session() as session:
                await session.load_session(self._prelude)
                end = await run.ending(session, code)
        except TimeoutError:
            end = _out_of_time(f"not finished after {self.limits.total_seconds:g} s, tools included")
        except MontyCrashedError as crash:
            if not crash.timed_out:
                return None
            end = _out_of_time(f"more than {self.limits.seconds:g} s")
        return Outcome(end.status, end.answer, end.error, run.trace.steps, run.trace.dropped)

    async def _load_prelude(self) -> bytes:
        """A session with the prelude in it, saved: loading that is faster than running the prelude again."""
        async with self._session() as session:
            for part in _PRELUDE:
                await session.feed_run(resource("programs", part).read_text("utf-8"))
            return await session.dump()

    def _session(self) -> AsyncMontySession:
        limits: ResourceLimits = {
            "max_feed_duration_secs": self.limits.seconds,
            "max_memory": self.limits.memory_mb * 2**20,
            "max_recursion_depth": self.limits.recursion,
            "max_suspensions": self.limits.tool_calls + 100,  # looking up undefined names counts too
        }
        return self._pool.checkout(limits=limits, os_policy=_POLICY)


def _out_of_time(message: str) -> Ending:
    return failed("timeout", "TimeoutError", message)


def _crashed() -> Outcome:
    message = "the program's worker process died, and that of its second attempt too"
    return Outcome("error", error=ErrorInfo(type="WorkerCrash", message=message))
