"""The static check: does a program hold together, before any model is asked anything?"""

import asyncio
from collections import OrderedDict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pydantic_monty import MontyCrashedError

from vpd.execution.limits import Limits
from vpd.execution.pool import worker_pool
from vpd.execution.prepare import Prepared, Program, prepare, read
from vpd.execution.screen import Refusal
from vpd.execution.type_check import Fault, TypeChecker
from vpd.records import ErrorInfo, Status

_SECONDS = 5.0
"""Time after which the type checker is given up; the program then runs unchecked, behind the sandbox's limits."""

_HEAP_MB = 512
_CACHED = 10_000
_FAULTS_NAMED = 5


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the static check found."""

    status: Status
    """`ok`, or how the program ends without having run: `rejected`, `unsupported` or `violation`."""
    error: ErrorInfo | None = None
    """The first fault by line. Its message names the others too, so that it can serve as a hint for repair."""


class Checker:
    """Checks programs in a few worker processes, kept open; results are cached by the program's text."""

    def __init__(self, limits: Limits | None = None, workers: int = 2) -> None:
        """
        Args:
            limits: how long a program may be.
            workers: how many programs are type-checked at the same time.
        """
        self._limits = limits or Limits()
        self._workers = workers
        self._open = AsyncExitStack()
        self._idle: asyncio.LifoQueue[TypeChecker] = asyncio.LifoQueue()
        self._results: OrderedDict[str, tuple[CheckResult, Prepared | None]] = OrderedDict()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            pool = await opening.enter_async_context(worker_pool(_HEAP_MB, self._workers, seconds=_SECONDS))
            for _ in range(self._workers):
                checker = TypeChecker(pool)
                opening.push_async_callback(checker.close)
                self._idle.put_nowait(checker)
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def check(self, program: str) -> CheckResult:
        """Whether a program may run, and if not, why."""
        result, _ = await self.prepared(program)
        return result

    async def prepared(self, program: str) -> tuple[CheckResult, Prepared | None]:
        """The check's result, and what a worker is fed if it is `ok`."""
        if program in self._results:
            self._results.move_to_end(program)
            return self._results[program]
        try:
            parsed = read(program, self._limits.program_chars)
            faults = await self._faults(parsed)
            found = (_rejected(faults), None) if faults else (CheckResult("ok"), prepare(parsed))
        except Refusal as refusal:
            found = CheckResult(refusal.status, refusal.error), None
        self._results[program] = found
        if len(self._results) > _CACHED:
            self._results.popitem(last=False)
        return found

    async def _faults(self, program: Program) -> list[Fault]:
        checker = await self._idle.get()
        try:
            for _ in range(2):  # a worker may be killed from outside
                try:
                    return await checker.faults(program)
                except MontyCrashedError as crash:
                    await checker.close()
                    if crash.timed_out:
                        break
                except asyncio.CancelledError:
                    await checker.close()  # its session is in the middle of this check
                    raise
            return []
        finally:
            self._idle.put_nowait(checker)


def _rejected(faults: list[Fault]) -> CheckResult:
    first = faults[0]
    others = [f"line {fault.line}: {fault.message}" for fault in faults[1:_FAULTS_NAMED]]
    message = "; also ".join([first.message, *others])
    return CheckResult("rejected", ErrorInfo(type=first.rule, message=message, line=first.line))
