"""Candidates → executions."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from vpd.engines.local import all_of
from vpd.execution.runner import Runner
from vpd.execution.tools import tools_fingerprint
from vpd.log import Log
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate, Example, Execution, Status
from vpd.stages import Stage, stage_fingerprint
from vpd.store import Table, combine


def executions(
    recipe: Recipe,
    examples: Table[Example],
    candidates: Table[Candidate],
    table: Table[Execution],
    cache: Path | None,
    log: Log,
) -> Stage[Execution]:
    """Run every candidate; one row each, in their order."""
    own = combine(
        stage_fingerprint("executions", 1, recipe.execution.limits),
        tools_fingerprint(recipe.tools, recipe.data),
    )

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Execution]]]]:
        async with Runner(recipe.execution, recipe.tools, recipe.data, cache) as runner:

            async def one(example: Example, candidate: Candidate) -> Execution:
                execution = await runner.run(example, candidate)
                advance(1)
                return execution

            async def shard(index: int) -> Sequence[Execution]:
                by_id = {example.id: example for example in examples.read(index)}
                return await all_of(one(by_id[c.example_id], c) for c in candidates.read(index))

            try:
                yield shard
            finally:
                log.write("tools", tools={name: each.as_dict() for name, each in runner.statistics.items()})

    # Enough shards at once to keep all places taken while one of them ends.
    programs = max(1, candidates.count(0))
    return Stage(
        name="executions",
        table=table,
        shards=len(candidates),
        fingerprint=lambda shard: combine(own, examples.digest(shard), candidates.digest(shard)),
        rows=candidates.count,
        worker=worker,
        parallel=1 + -(-recipe.execution.concurrency // programs),
    )


def ended_as(table: Table[Execution], statuses: Collection[Status]) -> list[int]:
    """The shards that hold an execution with one of these statuses."""
    if not statuses:
        return []
    return [i for i in range(len(table)) if any(e.status in statuses for e in table.read(i))]
