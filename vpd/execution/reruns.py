"""Runs a program many times over on known tool results, inside the sandbox: a run costs no call of the host."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, NamedTuple, Self

from pydantic_monty import AsyncMonty, AsyncMontySession, MontyCrashedError, MontyError
from pydantic_monty import ResourceLimits as MontyLimits

from vpd.execution.answer import NoAnswer, TooLong, answer_text
from vpd.execution.entry import ProgramInputs
from vpd.execution.known import Key, Known
from vpd.execution.limits import Limits
from vpd.execution.prepare import prepare, read
from vpd.execution.walls import worker_binary
from vpd.resources import resource


class Try(NamedTuple):
    """One run of the program."""

    known: int = 0
    """Which of the tables the tools' results are looked up in."""
    instead: Mapping[Key, Any] = {}
    """What some calls are answered in place of what the table holds."""


class Rerun(NamedTuple):
    """How a run ended."""

    answer: str | None
    """None where it failed, or gave no answer."""
    known: bool
    """Whether every call was answered from the table; if not, the answer means nothing."""


Again = Callable[[Sequence[Known], Sequence[Try]], Awaitable[list[Rerun] | None]]
"""Runs the program once for each try; None where it exceeded its limits."""


class Reruns:
    """A pool of workers for programs that have passed the static check."""

    def __init__(self, limits: Limits, workers: int) -> None:
        """
        Args:
            limits: what all the runs of one program that are asked for together may use.
            workers: how many programs run at the same time.
        """
        self._limits = limits
        self._workers = workers
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            binary = opening.enter_context(worker_binary(self._limits.memory_mb))
            self._pool = await opening.enter_async_context(
                AsyncMonty(binary_path=binary, min_processes=1, max_processes=self._workers)
            )
            async with self._pool.checkout() as session:
                for part in ("prelude_runtime.py", "prelude.py", "prelude_recall.py"):
                    await session.feed_run(resource("programs", part).read_text("utf-8"))
                self._prelude = await session.dump()
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    @asynccontextmanager
    async def program(self, program: str, inputs: ProgramInputs) -> AsyncGenerator[Again]:
        """Open a program that has run before: its text is known to be in order."""
        prepared = prepare(read(program, self._limits.program_chars))
        source, call = prepared.rewritten.source, prepared.call(inputs)
        limits: MontyLimits = {
            "max_feed_duration_secs": self._limits.seconds,
            "max_memory": self._limits.memory_mb * 2**20,
            "max_recursion_depth": self._limits.recursion,
        }
        async with self._pool.checkout(limits=limits) as session:
            await session.load_session(self._prelude)
            first = True

            async def again(tables: Sequence[Known], tries: Sequence[Try]) -> list[Rerun] | None:
                nonlocal first
                code = f"_vpd_reruns(lambda: {call}, _vpd_tables, _vpd_tries)"
                if first:
                    code = f"{source}\n{code}"
                    first = False
                try:
                    outcomes = await _feed(session, code, inputs, tables, tries)
                except (MontyError, MontyCrashedError):
                    return None
                return self._read(outcomes, len(tries))

            yield again

    def _read(self, outcomes: Any, tries: int) -> list[Rerun] | None:
        """What came out of the sandbox, which is not trusted; None where it is not what the prelude sends."""
        if not isinstance(outcomes, list) or len(outcomes) != tries:
            return None
        reruns: list[Rerun] = []
        for outcome in outcomes:
            match outcome:
                case (value, bool(unknown)):
                    reruns.append(Rerun(self._answer(value), not unknown))
                case _:
                    return None
        return reruns

    def _answer(self, value: Any) -> str | None:
        try:
            return answer_text(value, self._limits.output_chars)
        except (NoAnswer, TooLong):
            return None


async def _feed(
    session: AsyncMontySession,
    code: str,
    inputs: ProgramInputs,
    tables: Sequence[Known],
    tries: Sequence[Try],
) -> Any:
    return await session.feed_run(
        code,
        inputs={
            "_vpd_sizes": list(inputs.images),
            "_vpd_limits": [0, 16],
            "_vpd_question": inputs.question,
            "_vpd_choices": list(inputs.choices),
            "_vpd_tables": [(list(table.sizes), _plain(table.results)) for table in tables],
            "_vpd_tries": [(each.known, _plain(each.instead)) for each in tries],
        },
    )


def _plain(results: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        key: [tuple(each) for each in value] if isinstance(value, list) else value
        for key, value in results.items()
    }
