"""What a stage is, and how one is brought up to date: missing and stale shards are made, all others stay."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from vpd.engines import local
from vpd.log import Log
from vpd.progress import Advance, progress
from vpd.records import Record
from vpd.store import Table, combine

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Stage(Generic[R]):
    """One table, and how its shards are made."""

    name: str
    table: Table[R]
    shards: int
    fingerprint: Callable[[int], str]
    """Of everything that a shard is made from: a shard with another fingerprint is stale."""
    rows: Callable[[int], int]
    """The work in a shard, in what the worker reports as progress."""
    worker: Callable[[Advance], local.Worker[R]]
    parallel: int = 1
    """Shards under way at once."""

    def pending(self) -> list[int]:
        return [i for i in range(self.shards) if self.table.fingerprint(i) != self.fingerprint(i)]


def complete(stage: Stage[R], log: Log, again: Collection[int] = ()) -> None:
    """Make the shards of a stage that are missing or stale, and those in `again` once more."""
    stage.table.trim(stage.shards)
    shards = sorted({*stage.pending(), *again})
    if not shards:
        return
    log.write("stage started", stage=stage.name, shards=len(shards), of=stage.shards)
    rows = {shard: stage.rows(shard) for shard in range(stage.shards)}
    done = sum(rows[shard] for shard in rows.keys() - set(shards))
    with progress(stage.name, sum(rows.values()), done) as advance:
        asyncio.run(
            local.run(
                stage.worker(advance),
                shards,
                lambda shard, made: stage.table.write(shard, made, stage.fingerprint(shard)),
                stage.parallel,
            )
        )
    log.write("stage finished", stage=stage.name)


def stage_fingerprint(stage: str, version: int, *settings: BaseModel) -> str:
    """Of a stage's part of the recipe and its code: `version` rises when the same input gives other rows."""
    return combine(stage, str(version), *(each.model_dump_json() for each in settings))


def simple_worker(
    make: Callable[[int], Sequence[R]], rows: Callable[[int], int]
) -> Callable[[Advance], local.Worker[R]]:
    """A worker that needs nothing but a function from a shard's number to its rows."""

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[R]]]]:
        async def shard(index: int) -> Sequence[R]:
            made = make(index)
            advance(rows(index))
            return made

        yield shard

    return worker
