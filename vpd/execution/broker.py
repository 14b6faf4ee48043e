"""Between all running programs and the tools: batches, shared calls, cached results, time limits.

A batch is sent when it is full, or when its tool is idle and every running program waits for some tool, so
that nothing could be added to it. Nothing ever waits on a timer.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from vision_tools.errors import ToolError
from vision_tools.roles import Tool
from vpd.errors import UserError
from vpd.execution.cache import ResultCache, result_key
from vpd.execution.calls import ToolFailure
from vpd.execution.services import KINDS, Query, Service, describe
from vpd.execution.statistics import ToolStatistics
from vpd.execution.threads import ToolThread
from vpd.records import Json

# A tool that hangs this often in a row is not asked again: each time leaves a thread behind.
_MAX_HANGS = 3


@dataclass(slots=True, eq=False)
class _Wait:
    """A program that waits for one or several calls."""

    calls: int
    """How many are not answered yet."""


@dataclass(slots=True)
class _Pending:
    """A call that is queued or being answered, and who waits for it."""

    key: bytes
    query: Query
    answered: asyncio.Future[Json]
    waits: list[_Wait] = field(default_factory=list[_Wait])


@dataclass(slots=True)
class _Queue:
    """One tool: what waits for it, and the thread that it runs in."""

    service: Service
    tool: Tool
    statistics: ToolStatistics
    thread: ToolThread
    calls: list[_Pending] = field(default_factory=list[_Pending])
    hangs: int = 0


class Broker:
    """Answers tool calls. Belongs to one event loop; the tools run in threads of their own."""

    def __init__(self, tools: Mapping[Service, Tool], cache: ResultCache | None, call_seconds: float) -> None:
        """
        Args:
            tools: who plays each role; the same tool may play several.
            cache: where results are kept; None to ask every time.
            call_seconds: time limit of one call; a batch may take this long for each of its calls.
        """
        threads = {id(tool): ToolThread(type(tool).__name__) for tool in tools.values()}
        self._queues: dict[Service, _Queue] = {
            service: _Queue(service, tool, ToolStatistics(), threads[id(tool)])
            for service, tool in tools.items()
        }
        self._cache = cache
        self._call_seconds = call_seconds
        self._in_flight: dict[bytes, _Pending] = {}
        self._runnable = 0
        # More programs than cores would only wait for each other, each in a worker process that must be started.
        self._turns = asyncio.Semaphore(2 * (os.cpu_count() or 1))
        self._batches: set[asyncio.Task[None]] = set()

    @property
    def statistics(self) -> dict[Service, ToolStatistics]:
        return {service: queue.statistics for service, queue in self._queues.items()}

    @asynccontextmanager
    async def program(self) -> AsyncGenerator[None]:
        """A running program: while one of them could still call a tool, batches that are not full wait.

        Only a few compute at once; the others that are in here wait for a tool, or for their turn.
        """
        self._runnable += 1
        await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()
            self._runnable -= 1
            self._send_later()

    async def call(self, service: Service, query: Query) -> Json:
        """The tool's answer, from the cache where it is known. Called from within `program()`.

        Raises:
            ToolFailure: nobody plays the role, or the tool failed, hung or answered nonsense.
            UserError: the result could not be stored.
        """
        [answer] = await self.call_all(service, [query])
        return answer

    async def call_all(self, service: Service, queries: Sequence[Query]) -> list[Json]:
        """The answers to several calls that a program needs at once; see `call`."""
        queue = self._queues.get(service)
        if queue is None:
            raise ToolFailure(
                f"this program needs a tool for the role `{service}`, and none is configured; "
                f"add `--tool {service}=NAME`, or `tools: {{{service}: {{name: NAME}}}}` to the recipe "
                "(`vpd tools list` shows the names)"
            )
        answers = [self._known_or_pending(queue, query) for query in queries]
        pending = [answer for answer in answers if isinstance(answer, _Pending)]
        if pending:
            await self._wait(pending)
        return [answer.answered.result() if isinstance(answer, _Pending) else answer for answer in answers]

    def _known_or_pending(self, queue: _Queue, query: Query) -> Json | _Pending:
        queue.statistics.calls += 1
        key = result_key(queue.service, queue.tool.identity, *describe(query))
        if self._cache is not None and (known := self._cache.get(key)) is not None:
            queue.statistics.cache_hits += 1
            return json.loads(known)
        if (pending := self._in_flight.get(key)) is not None:
            queue.statistics.shared += 1
            return pending
        pending = _Pending(key, query, asyncio.get_running_loop().create_future())
        self._in_flight[key] = pending
        queue.calls.append(pending)
        return pending

    async def close(self) -> None:
        """Wait for the batches under way, so that their results reach the cache."""
        await asyncio.gather(*self._batches, return_exceptions=True)
        for queue in self._queues.values():
            queue.thread.stop()

    async def _wait(self, pending: Sequence[_Pending]) -> None:
        """Until all are answered, or one has failed."""
        wait = _Wait(len(pending))
        for each in pending:
            each.waits.append(wait)
        self._runnable -= 1
        self._turns.release()
        self._send_later()
        try:
            # Shielded, since others may wait for the same answers.
            await asyncio.gather(*(asyncio.shield(each.answered) for each in pending))
        finally:
            # Cancelled, or one of several failed: what is still to come no longer holds this program up.
            if wait.calls > 0:
                for each in pending:
                    if wait in each.waits:
                        each.waits.remove(wait)
                self._runnable += 1
            await self._turns.acquire()

    def _settle(self, pending: _Pending, answer: Json | ToolFailure | UserError) -> None:
        """Whoever waited counts as running from now on, not only once the event loop reaches it."""
        del self._in_flight[pending.key]
        for wait in pending.waits:
            wait.calls -= 1
            self._runnable += wait.calls == 0
        if isinstance(answer, (ToolFailure, UserError)):
            pending.answered.set_exception(answer)
            pending.answered.exception()  # nobody may be waiting any more
        else:
            pending.answered.set_result(answer)

    def _send_later(self) -> None:
        """Look for batches to send once everything that is ready to run has run."""
        asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        for queue in self._queues.values():
            full = len(queue.calls) >= queue.tool.batch_size
            if queue.calls and not queue.thread.busy and (full or self._runnable == 0):
                batch, queue.calls = (
                    queue.calls[: queue.tool.batch_size],
                    queue.calls[queue.tool.batch_size :],
                )
                queue.thread.busy = True
                task = asyncio.get_running_loop().create_task(self._answer(queue, batch))
                self._batches.add(task)
                task.add_done_callback(self._batches.discard)

    async def _answer(self, queue: _Queue, batch: Sequence[_Pending]) -> None:
        """Answer a batch; where it fails as a whole, call by call, so that one bad input fails alone."""
        try:
            answers = await self._ask(queue, batch)
            if len(batch) > 1 and any(isinstance(answer, ToolFailure) for answer in answers):
                answers = [
                    (await self._ask(queue, [pending]))[0] if isinstance(answer, ToolFailure) else answer
                    for pending, answer in zip(batch, answers, strict=True)
                ]
            self._keep(queue, batch, answers)
            for pending, answer in zip(batch, answers, strict=True):
                self._settle(pending, answer)
        except UserError as error:
            # The disk is full, say. Every program that waits passes the error on, and the run stops.
            for pending in batch:
                self._settle(pending, error)
        finally:
            queue.thread.busy = False
            self._send_later()

    async def _ask(self, queue: _Queue, batch: Sequence[_Pending]) -> list[Json | ToolFailure]:
        kind = KINDS[queue.service]
        who = f"the {queue.service} ({type(queue.tool).__name__})"
        if queue.hangs >= _MAX_HANGS:
            failure = ToolFailure(f"{who} hung {queue.hangs} times in a row and is not asked again")
            return [failure] * len(batch)
        queries = [pending.query for pending in batch]
        limit = self._call_seconds * len(batch)
        started = time.perf_counter()
        try:
            results = await asyncio.wait_for(queue.thread.run(lambda: kind.send(queue.tool, queries)), limit)
        except TimeoutError:
            # The thread cannot be stopped; leave it behind and go on in a new one.
            queue.thread.abandon()
            queue.hangs += len(batch) == 1  # in a larger batch one bad call may be to blame
            return [ToolFailure(f"{who} did not answer within {limit:g} s")] * len(batch)
        except ToolError as error:
            return [ToolFailure(f"{who}: {error}")] * len(batch)
        except UserError:
            raise  # no further call can succeed: the run stops
        except Exception as error:  # noqa: BLE001 - tools are other people's code: anything may come out
            return [ToolFailure(f"{who} failed: {type(error).__name__}: {error}")] * len(batch)
        finally:
            queue.statistics.add_batch(len(batch), time.perf_counter() - started)
        queue.hangs = 0
        return [
            self._encode(queue, pending.query, result, who)
            for pending, result in zip(batch, results, strict=True)
        ]

    def _encode(self, queue: _Queue, query: Query, result: object, who: str) -> Json | ToolFailure:
        try:
            return KINDS[queue.service].encode(result, query)
        except (ValueError, TypeError, AttributeError) as error:
            return ToolFailure(f"{who} answered nonsense: {error}")

    def _keep(self, queue: _Queue, batch: Sequence[_Pending], answers: Sequence[Json | ToolFailure]) -> None:
        """Failures are not kept: the next run asks again."""
        good = [
            (pending.key, json.dumps(answer, ensure_ascii=False))
            for pending, answer in zip(batch, answers, strict=True)
            if not isinstance(answer, ToolFailure)
        ]
        queue.statistics.failures += len(batch) - len(good)
        if self._cache is not None and good:
            self._cache.put(good)
