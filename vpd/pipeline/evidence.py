"""Executions → evidence: each program that may be kept is run again on tool results that are known."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import cast

from vpd.engines.local import all_of
from vpd.execution.cache import ResultCache
from vpd.execution.changed import Change
from vpd.execution.limits import Limits
from vpd.execution.reruns import Reruns
from vpd.execution.runner import Runner
from vpd.execution.tools import tools_fingerprint
from vpd.garbage import seldom_collected
from vpd.log import Log
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate, Evidence, Example, Execution
from vpd.stages import Stage, stage_fingerprint
from vpd.store import Table, combine
from vpd.verification.elsewhere import Neighbours
from vpd.verification.gathering import Asked, Gathered, gather
from vpd.verification.perturbation import Allowance, to_perturb, with_answers
from vpd.verification.remembered import Remembered
from vpd.verification.shard import Shard

_SHARDS_AT_ONCE = 2

_PROGRAMS = ("example_id", "index", "program", "log_probability")
_CALLS = ("kind", "line", "expression", "tool", "image", "region", "arguments", "result", "error")
_OUTCOMES = ("example_id", "index", "status", "answer", *(f"steps.{name}" for name in _CALLS))
"""What is read of executions: the values that are bound and branched on are not needed."""


def evidence(
    recipe: Recipe,
    examples: Table[Example],
    candidates: Sequence[Table[Candidate]],
    executions: Sequence[Table[Execution]],
    table: Table[Evidence],
    cache: Path | None,
    log: Log,
) -> Stage[Evidence]:
    """Look into the candidates of each question together, of all rounds so far; one row each, in their order."""
    settings = recipe.verification
    own = combine(
        stage_fingerprint("evidence", 3, recipe.execution.limits),
        str(settings.judge is not None),
        f"{settings.perturbation} {settings.perturbation_calls}",
        tools_fingerprint(recipe.tools, recipe.data) if settings.perturbation != "off" else "",
    )
    made_from = (examples, *candidates, *executions)

    def rows(shard: int) -> int:
        return sum(each.count(shard) for each in candidates if each.path(shard).exists())

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Evidence]]]]:
        async with AsyncExitStack() as opened:
            workers = _Workers(opened, recipe.execution.limits)
            runner: Runner | None = None
            results: ResultCache | None = None
            if settings.perturbation == "off":
                opened.enter_context(seldom_collected())
                if cache is not None:
                    results = opened.enter_context(closing(ResultCache(cache)))
            else:
                # What a tool answers about a changed image, or that it fails, is no matter of the inputs alone.
                runner = Runner(recipe.execution, recipe.tools, recipe.data, cache)
                await opened.enter_async_context(runner)
            remembered = Remembered(results, own)

            async def shard(index: int) -> Sequence[Evidence]:
                columns = _columns(examples, candidates, executions, index)
                neighbours = Neighbours(columns.looked())
                elsewhere = [neighbours.of(number) for number in range(len(columns))]
                keys = remembered.keys(columns.digests(), elsewhere)
                known = remembered.find(keys)
                advance(sum(len(rows) for rows in known if rows is not None))
                missing = [number for number, rows in enumerate(known) if rows is None]
                needed = {
                    *missing,
                    *(n for each in missing for some in elsewhere[each].values() for n in some),
                }
                questions = columns.asked(needed)

                async def one(number: int) -> Gathered:
                    others = {
                        program: [questions[each] for each in some]
                        for program, some in elsewhere[number].items()
                    }
                    judged = settings.judge is not None
                    gathered = await gather(questions[number], others, await workers.opened(), judged)
                    advance(len(gathered.rows))
                    return gathered

                new = dict(zip(missing, await all_of(one(number) for number in missing), strict=True))
                remembered.keep((keys[number], rows) for number, (rows, lasting) in new.items() if lasting)
                found = [new[number].rows if rows is None else rows for number, rows in enumerate(known)]
                if runner is not None:
                    change = cast("Change", settings.perturbation)
                    asked = [questions[number] for number in range(len(columns))]
                    found = await _perturbed(asked, found, runner, change, settings.perturbation_calls)
                return [row for rows in found for row in rows]

            yield shard
            if runner is not None:
                log.write(
                    "perturbation", tools={name: each.as_dict() for name, each in runner.statistics.items()}
                )

    return Stage(
        name="evidence",
        table=table,
        shards=len(executions[0]),
        fingerprint=lambda shard: combine(
            own, *(t.digest(shard) for t in made_from if t.path(shard).exists())
        ),
        rows=rows,
        worker=worker,
        parallel=_SHARDS_AT_ONCE,
    )


class _Workers:
    """Those that run programs again, started when the first is to be."""

    def __init__(self, stack: AsyncExitStack, limits: Limits) -> None:
        """
        Args:
            stack: closes them.
            limits: of a question's programs together.
        """
        self._stack = stack
        self._limits = limits
        self._starting = asyncio.Lock()
        self._reruns: Reruns | None = None

    async def opened(self) -> Reruns:
        async with self._starting:
            if self._reruns is None:
                reruns = Reruns(self._limits, os.cpu_count() or 1)
                self._reruns = await self._stack.enter_async_context(reruns)
        return self._reruns


def _columns(
    examples: Table[Example],
    candidates: Sequence[Table[Candidate]],
    executions: Sequence[Table[Execution]],
    shard: int,
) -> Shard:
    return Shard(
        examples.columns(shard),
        [each.columns(shard, _PROGRAMS) for each in candidates if each.path(shard).exists()],
        [each.columns(shard, _OUTCOMES) for each in executions if each.path(shard).exists()],
    )


async def _perturbed(
    questions: Sequence[Asked],
    found: Sequence[list[Evidence]],
    runner: Runner,
    change: Change,
    share: float,
) -> list[list[Evidence]]:
    """The same evidence, with the answers of some candidates about changed images."""
    allowance = Allowance(share)
    chosen = [to_perturb(question, rows, allowance) for question, rows in zip(questions, found, strict=True)]

    async def one(question: Asked, rows: list[Evidence], candidates: Sequence[Candidate]) -> list[Evidence]:
        ran = await all_of(runner.run(question.example, candidate, change) for candidate in candidates)
        return with_answers(rows, change, candidates, ran)

    return await all_of(one(*each) for each in zip(questions, found, chosen, strict=True))
