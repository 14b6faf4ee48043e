"""Gold programs of the drawn world with their traces and facts: what distillation begins with."""

import asyncio
from functools import cache

from benchmarks.tabletop_programs.gold import GoldRun, gold_runs
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.facts.models import Fact


@cache
def runs(count: int = 168) -> tuple[GoldRun, ...]:
    """Programs of every family."""

    async def gather() -> tuple[GoldRun, ...]:
        return tuple([run async for run in gold_runs("train", count, seed=5)])

    return asyncio.run(gather())


@cache
def facts() -> tuple[tuple[Fact, ...], ...]:
    """Of each run."""
    return tuple(find_facts(run.example, run.candidate.program, run.execution) for run in runs())
