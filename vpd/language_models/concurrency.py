"""How many requests may be in flight: doubling at first, then additive increase, multiplicative decrease."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from vpd.language_models.errors import ClosedError

_START = 8.0
# TCP halves; a request that is turned away costs an endpoint far less than a lost packet costs a network.
_DECREASE = 0.9
# For each limit's worth of answers. Together the two keep the limit between 0.9 and 1 of what is borne.
_INCREASE = 2.0


@dataclass(slots=True)
class Slot:
    """One request's place among those in flight; told how the endpoint took it."""

    _limit: "AdaptiveLimit"
    _epoch: int

    def answered(self) -> None:
        self._limit.increase()

    def congested(self, pause: float = 0.0) -> None:
        """The endpoint was too busy; send nothing for `pause` seconds."""
        self._limit.decrease(self._epoch, pause)


class AdaptiveLimit:
    """Hands out slots, first come first served, never more at once than the endpoint seems to bear."""

    def __init__(self, ceiling: int) -> None:
        self._ceiling = ceiling
        self._limit = min(_START, float(ceiling))
        self._doubling = True
        self._epoch = 0  # counts decreases: the requests of one window decrease only once
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._resume: asyncio.TimerHandle | None = None  # set while the endpoint asked for a pause
        self._closed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def current(self) -> int:
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[Slot]:
        """Wait for a slot and hold it.

        Raises:
            ClosedError: the limit was closed.
        """
        await self._acquire()
        try:
            yield Slot(self, self._epoch)
        finally:
            self._release()

    def increase(self) -> None:
        # A limit that is not reached tells nothing about the endpoint.
        if self._in_flight >= int(self._limit):
            step = 1.0 if self._doubling else _INCREASE / self._limit
            self._limit = min(float(self._ceiling), self._limit + step)
            self._admit()

    def decrease(self, epoch: int, pause: float) -> None:
        if pause > 0:
            self._pause(pause)
        if epoch == self._epoch:
            self._epoch += 1
            self._doubling = False
            self._limit = max(1.0, self._limit * _DECREASE)

    async def sleep(self, seconds: float) -> None:
        """Wait, holding no slot; wakes early when the limit is closed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), seconds)

    async def close(self) -> None:
        """Hand out no more slots, and wait until none is held."""
        self._closed.set()
        if self._resume:
            self._resume.cancel()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(_closed())
        await self._idle.wait()

    async def _acquire(self) -> None:
        if self._closed.is_set():
            raise _closed()
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._admit()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._release()  # it was granted just before it was given up
            raise

    def _pause(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        if self._resume:
            if self._resume.when() >= end:
                return
            self._resume.cancel()
        self._resume = loop.call_at(end, self._end_pause)

    def _end_pause(self) -> None:
        self._resume = None
        self._admit()

    def _admit(self) -> None:
        if self._resume:
            return
        while self._waiting and self._in_flight < int(self._limit):
            waiter = self._waiting.popleft()
            if not waiter.done():
                self._in_flight += 1
                self._idle.clear()
                waiter.set_result(None)

    def _release(self) -> None:
        self._in_flight -= 1
        if self._in_flight == 0:
            self._idle.set()
        self._admit()


def _closed() -> ClosedError:
    return ClosedError("the language model was closed before this request was sent; run the command again")
