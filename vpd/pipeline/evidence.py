"""Executions → evidence: each program that may be kept is run again on tool results that are known."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

from vpd.engines.local import all_of
from vpd.execution.changed import Change
from vpd.execution.reruns import Reruns
from vpd.execution.runner import Runner
from vpd.execution.tools import tools_fingerprint
from vpd.garbage import seldom_collected
from vpd.log import Log
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate, Evidence, Example, Execution
from vpd.stages import Stage, stage_fingerprint
from vpd.store import Table, combine, together
from vpd.verification.elsewhere import Neighbours
from vpd.verification.gathering import Asked, asked, gather
from vpd.verification.perturbation import Allowance, to_perturb, with_answers

_SHARDS_AT_ONCE = 2

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
        stage_fingerprint("evidence", 2, recipe.execution.limits),
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
            workers = os.cpu_count() or 1
            reruns = await opened.enter_async_context(Reruns(recipe.execution.limits, workers))
            runner: Runner | None = None
            if settings.perturbation == "off":
                opened.enter_context(seldom_collected())
            else:
                runner = Runner(recipe.execution, recipe.tools, recipe.data, cache)
                await opened.enter_async_context(runner)

            async def shard(index: int) -> Sequence[Evidence]:
                questions = _questions(examples, candidates, executions, index)
                neighbours = Neighbours(questions)

                async def one(number: int, question: Asked) -> list[Evidence]:
                    found = await gather(question, neighbours.of(number), reruns, settings.judge is not None)
                    advance(len(found))
                    return found

                found = await all_of(one(number, question) for number, question in enumerate(questions))
                if runner is not None:
                    change = cast("Change", settings.perturbation)
                    found = await _perturbed(questions, found, runner, change, settings.perturbation_calls)
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


def _questions(
    examples: Table[Example],
    candidates: Sequence[Table[Candidate]],
    executions: Sequence[Table[Execution]],
    shard: int,
) -> list[Asked]:
    programs, outcomes = together(candidates, shard), together(executions, shard, _OUTCOMES)
    return [
        asked(example, programs.get(example.id, []), outcomes.get(example.id, []))
        for example in examples.read(shard)
    ]


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
