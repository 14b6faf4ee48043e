"""Map a stage over shards in this process: several at once, each committed as soon as it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from vpd.records import Record

R = TypeVar("R", bound=Record)

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

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(parallel):
                    group.create_task(work())
        except ExceptionGroup as errors:
            # The others were cancelled because of it.
            raise errors.exceptions[0] from None
