"""Map a stage over shards in this process: several at once, each committed as soon as it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from vpd.records import Record

R = TypeVar("R", bound=Record)
T = TypeVar("T")

Worker = AbstractAsyncContextManager[Callable[[int], Awaitable[Sequence[R]]]]
"""Holds what a stage needs (models, processes) while it is entered, and makes the rows of a shard."""


async def run(
    worker: Worker[R],
    shards: Iterable[int],
    commit: Callable[[int, Sequence[R]], None],
    parallel: int,
) -> None:
    """Make and commit shards, `parallel` of them at a time. The first error stops all of them."""
    waiting = iter(shards)
    async with worker as make:

        async def work() -> None:
            for shard in waiting:
                commit(shard, await make(shard))

        await all_of(work() for _ in range(parallel))


async def all_of(parts: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Every result, in order. The first error cancels the others, waits for them, and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in parts]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
