"""Runs programs many times over on known tool results, inside the sandbox: a run costs no call of the host."""

import ast
import asyncio
import builtins
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache, lru_cache
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

from pydantic_monty import MontyCrashedError, MontyError
from pydantic_monty import ResourceLimits as MontyLimits

from vpd.execution.answer import NoAnswer, TooLong, answer_text
from vpd.execution.entry import Entry, ProgramInputs, find_entry
from vpd.execution.known import Key, Known
from vpd.execution.limits import Limits
from vpd.execution.mend import mended
from vpd.execution.numbering import Numbering
from vpd.execution.pool import worker_pool
from vpd.execution.prepare import entry_call
from vpd.execution.syntax import Syntax, syntax, walk
from vpd.resources import resource


class Change(NamedTuple):
    """A call, and what else it could have been answered."""

    key: Key
    others: Sequence[Any]
    place: int
    """Equal for calls that stand at the same place in the program."""


class Study(NamedTuple):
    """A program to look into. It has run before: its text is known to be in order."""

    program: str
    changes: Sequence[Change]
    tables: Sequence[int]
    """Numbers of the tables that stand for other worlds than that of the first."""


class Rerun(NamedTuple):
    """How a run ended."""

    answer: str | None
    """None where it failed, or gave no answer."""
    known: bool
    """Whether every call was answered from the table; if not, the answer means nothing."""


class Outcomes(NamedTuple):
    """How the runs of one program ended."""

    base: Rerun
    """In the world as it is."""
    changed: list[list[Rerun]]
    """With each call answered otherwise, up to the first result that makes a difference."""
    together: list[tuple[list[int], Rerun]]
    """With several calls answered otherwise of which none alone makes a difference, by their numbers: first those of
    each place in the program, then all of them."""
    elsewhere: list[Rerun]
    """In the other worlds."""


@dataclass(eq=False)
class _Job:
    """The programs of a question, ready to run."""

    code: str
    told: tuple[Any, ...]
    """What `_vpd_begin` of the prelude takes in."""
    studies: Sequence[Study]
    leaves_no_trace: bool
    found: asyncio.Future[list[Outcomes] | None]


_JOBS = 16
"""Most jobs that share a session."""


class Reruns:
    """A pool of workers for programs that have passed the static check."""

    def __init__(self, limits: Limits, workers: int) -> None:
        """
        Args:
            limits: what all the runs that are asked for together may use.
            workers: how many questions' programs run at the same time.
        """
        self._limits = limits
        self._workers = workers
        self._open = AsyncExitStack()
        self._waiting: deque[_Job] = deque()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self._pool = await opening.enter_async_context(
                worker_pool(self._limits.memory_mb, self._workers, warm=1)
            )
            # One more would wait for a worker in the pool, which costs more than to wait here.
            self._room = asyncio.Semaphore(self._workers)
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

    async def look_into(
        self, inputs: ProgramInputs, tables: Sequence[Known], studies: Sequence[Study]
    ) -> list[Outcomes | None]:
        """Run the programs of one question; None for one that exceeds its limits.

        They run in one session, since to open one takes longer than the runs do; where that fails, one by one.
        """
        together = await self._run(self._job(inputs, tables, studies))
        if together is not None or len(studies) < 2:
            return list(together or [None] * len(studies))
        alone = [await self._run(self._job(inputs, tables, [study])) for study in studies]
        return [None if found is None else found[0] for found in alone]

    async def _run(self, job: _Job) -> list[Outcomes] | None:
        """In a session together with other jobs that wait, if they leave a session as they found it."""
        self._waiting.append(job)
        async with self._room:
            while job in self._waiting:
                batch = [self._waiting.popleft()]
                while (
                    batch[-1].leaves_no_trace
                    and len(batch) < _JOBS
                    and self._waiting
                    and self._waiting[0].leaves_no_trace
                ):
                    batch.append(self._waiting.popleft())
                await self._together(batch)
        return await job.found

    async def _together(self, jobs: Sequence[_Job]) -> None:
        """Run jobs in one session, and where that fails each in its own."""
        try:
            found = await self._session(jobs)
            if None in found and len(jobs) > 1:
                found = [(await self._session([job]))[0] for job in jobs]
        except BaseException:
            for job in jobs:  # others wait for them
                job.found.cancel()
            raise
        for job, outcomes in zip(jobs, found, strict=True):
            job.found.set_result(outcomes)

    async def _session(self, jobs: Sequence[_Job]) -> list[list[Outcomes] | None]:
        """The outcomes of each; None where they exceed their limits."""
        limits: MontyLimits = {
            "max_feed_duration_secs": self._limits.seconds,
            "max_memory": self._limits.memory_mb * 2**20,
            "max_recursion_depth": self._limits.recursion,
        }
        code = "\n".join(f"_vpd_begin(_vpd_told[{number}])\n{job.code}" for number, job in enumerate(jobs))
        try:
            async with self._pool.checkout(limits=limits) as session:
                await session.load_session(self._prelude)
                told = await session.feed_run(
                    f"{code}\n_vpd_all", inputs={"_vpd_told": [job.told for job in jobs]}
                )
        except (MontyError, MontyCrashedError):
            told = []
        return self._read(told, jobs)

    def _job(self, inputs: ProgramInputs, tables: Sequence[Known], studies: Sequence[Study]) -> _Job:
        ready = [prepared(study.program) for study in studies]
        numbering = Numbering(with_exists=any("exists" in study.program for study in studies))
        for table in tables:
            numbering.add(table)
        told = [
            (
                [(*numbering.change(change.key, change.others), change.place) for change in study.changes],
                [0, *study.tables],
                not program.changes_attributes,
            )
            for program, study in zip(ready, studies, strict=True)
        ]
        return _Job(
            "\n".join(_code(program, inputs, number) for number, program in enumerate(ready)),
            (inputs.question, list(inputs.choices), told, *numbering.told()),
            studies,
            all(program.leaves_no_trace for program in ready),
            asyncio.get_running_loop().create_future(),
        )

    def _read(self, told: Any, jobs: Sequence[_Job]) -> list[list[Outcomes] | None]:
        """None where that is not what the prelude sends: the sandbox is not trusted."""
        try:
            return [
                [self._outcomes(each, study) for each, study in zip(outcomes, job.studies, strict=True)]
                for outcomes, job in zip(told, jobs, strict=True)
            ]
        except (TypeError, ValueError):
            return [None] * len(jobs)

    def _outcomes(self, told: Any, study: Study) -> Outcomes:
        base, changed, together, elsewhere = told
        read = self._rerun
        found = Outcomes(
            read(base),
            [[read(each) for each in some] for some in changed],
            [([_number(n, study) for n in numbers], read(each)) for numbers, each in together],
            [read(each) for each in elsewhere],
        )
        if len(found.changed) != len(study.changes) or len(found.elsewhere) != len(study.tables):
            raise ValueError("not as many outcomes as were asked for")
        return found

    def _rerun(self, outcome: Any) -> Rerun:
        value, unknown = outcome
        read = _text_read if type(value) is str else _read
        return read(value, unknown is False, self._limits.output_chars)


def _read(value: Any, known: bool, max_chars: int) -> Rerun:
    try:
        return Rerun(answer_text(value, max_chars), known)
    except (NoAnswer, TooLong):
        return Rerun(None, known)


_text_read = lru_cache(maxsize=64)(_read)
"""Most answers are one of a few texts."""


class _Ready(NamedTuple):
    """A program that can be run again."""

    text: str
    entry: Entry
    changes_attributes: bool
    leaves_no_trace: bool


@lru_cache(maxsize=256)
def prepared(program: str) -> _Ready:
    """Remembered, since one question with its programs is often asked of several images."""
    source = syntax(program)
    return _Ready(
        mended(source), find_entry(source.tree), _changes_attributes(source), _leaves_no_trace(source)
    )


def _code(program: _Ready, inputs: ProgramInputs, number: int) -> str:
    return f"{program.text}\n_vpd_reruns(lambda: {entry_call(program.entry, inputs)}, {number})"


def _changes_attributes(source: Syntax) -> bool:
    return any(not isinstance(node.ctx, ast.Load) for node in source.of(ast.Attribute)) or any(
        node.id in ("setattr", "delattr") for node in source.of(ast.Name)
    )


def _leaves_no_trace(source: Syntax) -> bool:
    """Whether a program leaves a session as it found it, but for functions that nobody else calls."""
    body = source.tree.body
    if any(node.name in _given_names() for node in body if isinstance(node, ast.FunctionDef)):
        return False
    if not all(isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom) for node in body):
        return False
    if any(_hides_a_name(node) for node in body):
        return False
    return not (
        source.of(ast.Global)
        or _changes_attributes(source)
        or any(node.id in ("globals", "vars") for node in source.of(ast.Name))
    )


def _hides_a_name(node: ast.stmt) -> bool:
    """Whether a statement at the top may give another meaning to a name that all programs are given."""
    if isinstance(node, ast.FunctionDef):
        # Defaults, decorators and annotations are evaluated outside the function.
        outside = [node.args, *node.decorator_list, *([node.returns] if node.returns else [])]
        return any(isinstance(each, ast.NamedExpr) for part in outside for each in walk(part))
    assert isinstance(node, ast.Import | ast.ImportFrom)
    names = {(each.asname or each.name).partition(".")[0] for each in node.names}
    return "*" in names or bool(names & _given_names())


@cache
def _given_names() -> frozenset[str]:
    """The names that programs are given."""
    prelude = ast.parse(resource("programs", "prelude.py").read_text("utf-8"))
    defined = (node.name for node in prelude.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return frozenset({*dir(builtins), *defined})


def _number(value: Any, study: Study) -> int:
    if value not in range(len(study.changes)):
        raise ValueError("no such call")
    return cast("int", value)
