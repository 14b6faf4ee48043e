"""A pool of worker processes behind walls, opened and closed cleanly."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pydantic_monty import AsyncMonty

from vpd.execution.walls import worker_binary

_SETTLE = 0.05
"""Seconds that the pool's own threads get after its last answer. One that still waits for the interpreter's lock
when the interpreter shuts down aborts the process."""


@asynccontextmanager
async def worker_pool(
    heap_mb: int, workers: int, warm: int = 0, seconds: float | None = None
) -> AsyncGenerator[AsyncMonty]:
    """Worker processes, started as they are needed.

    Args:
        heap_mb: the largest heap a program may have.
        workers: how many processes there may be.
        warm: how many of them to start at once.
        seconds: time after which a worker that does not answer is killed.

    Raises:
        UserError: workers cannot be started on this machine.
    """
    with worker_binary(heap_mb) as binary:
        async with AsyncMonty(
            binary_path=binary, min_processes=warm, max_processes=workers, request_timeout=seconds
        ) as pool:
            yield pool
        await asyncio.sleep(_SETTLE)
