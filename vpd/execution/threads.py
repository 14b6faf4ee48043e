"""A thread that a tool runs in, and that can be left behind when the tool hangs."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class ToolThread:
    """Runs one job at a time, in order, always on the same thread: many libraries insist on that.

    The thread is a daemon, unlike those of `concurrent.futures`: a tool that hangs must not keep the
    interpreter from exiting.
    """

    def __init__(self, name: str) -> None:
        self.busy = False
        """Set by whoever sends jobs, to send one at a time."""
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] | None = None

    def run(self, job: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Start a job; the future is of the running event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if self._jobs is None:
            self._jobs = queue.SimpleQueue()
            threading.Thread(target=_work, args=(self._jobs,), name=self._name, daemon=True).start()
        self._jobs.put((job, loop, future))
        return future

    def stop(self) -> None:
        """Let the thread end once its job is done."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None

    # A thread cannot be killed: stopping it and leaving it behind are the same; the next job gets a new one.
    abandon = stop


def _work(jobs: "queue.SimpleQueue[_Job | None]") -> None:
    while (item := jobs.get()) is not None:
        job, loop, future = item
        result: Any = None
        failure: BaseException | None = None
        try:
            result = job()
        except BaseException as error:  # noqa: BLE001 - whatever a tool raises belongs to its caller
            failure = error
        try:
            loop.call_soon_threadsafe(_deliver, future, result, failure)
        except RuntimeError:
            return  # the event loop is closed: nobody waits for this result


def _deliver(future: "asyncio.Future[Any]", result: Any, failure: BaseException | None) -> None:
    if future.done():
        return  # nobody waits any more
    if failure is None:
        future.set_result(result)
    elif isinstance(failure, Exception):
        future.set_exception(failure)
    else:
        future.set_exception(RuntimeError(f"{type(failure).__name__}: {failure}"))
