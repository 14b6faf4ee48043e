"""The stages in order: which table each one makes, and from what."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path

from vpd.errors import UserError
from vpd.execution.runner import Runner
from vpd.execution.tools import tools_fingerprint
from vpd.inputs.candidates import CandidateFile
from vpd.inputs.questions import QuestionFile
from vpd.log import Log
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate, Example, Execution, Status, Verdict
from vpd.stages import Stage, complete, simple_worker, stage_fingerprint
from vpd.store import Run, combine
from vpd.verification.verdicts import judge


def read_inputs(recipe: Recipe, run: Run, limit: int | None = None) -> None:
    """The user's files → the tables `examples` and `candidates`.

    Raises:
        UserError: a file cannot be read, or a line of it is malformed.
    """
    log = Log(run.log)
    complete(_examples(recipe, run, limit), log)
    if recipe.data.candidates is not None:
        file = CandidateFile(recipe.data.candidates)
        stage = _candidates(file, run)
        changed = bool(stage.pending())
        complete(stage, log)
        if changed and (unmatched := file.unmatched(run.examples.rows())):
            log.warn(f"{unmatched} rows of {file.path} belong to no question that was read")


def verify(recipe: Recipe, run: Run, cache: Path | None, retry: Collection[Status] = ()) -> None:
    """Execute every candidate and judge every answer; the inputs have been read.

    Args:
        recipe: what to do.
        run: where; the caller holds its lock.
        cache: the file that tool results are kept in; None to ask the tools every time.
        retry: run candidates that ended so once more (when a tool was out of order, say).

    Raises:
        UserError: there are no candidates, or a tool cannot be made.
    """
    if not len(run.candidates):
        raise UserError(
            "there are no programs to verify; give --candidates FILE, or `data.candidates` in the recipe"
        )
    log = Log(run.log)
    complete(_executions(recipe, run, cache, log), log, again=_ended_as(run, retry) if retry else ())
    complete(_verdicts(recipe, run), log)


def pending(recipe: Recipe, run: Run) -> tuple[int, int]:
    """How many candidates are still to be run, and how many there are."""
    stage = _executions(recipe, run, None, Log(run.log))
    return sum(map(stage.rows, stage.pending())), sum(map(stage.rows, range(stage.shards)))


def _ended_as(run: Run, statuses: Collection[Status]) -> list[int]:
    shards = range(len(run.executions))
    return [i for i in shards if any(e.status in statuses for e in run.executions.read(i))]


def _examples(recipe: Recipe, run: Run, limit: int | None) -> Stage[Example]:
    data = recipe.data
    file = QuestionFile(data.questions, data.images, data.shard_size, limit)
    slices = list(file.slices())
    own = stage_fingerprint("examples", 1)

    def rows(shard: int) -> int:
        return slices[shard].size

    return Stage(
        name="questions",
        table=run.examples,
        shards=len(slices),
        fingerprint=lambda shard: combine(own, file.fingerprint(slices[shard])),
        rows=rows,
        worker=simple_worker(lambda shard: file.examples(slices[shard]), rows),
    )


def _candidates(file: CandidateFile, run: Run) -> Stage[Candidate]:
    own = combine(stage_fingerprint("candidates", 1), file.digest)
    return Stage(
        name="programs",
        table=run.candidates,
        shards=len(run.examples),
        fingerprint=lambda shard: combine(own, run.examples.digest(shard)),
        rows=run.examples.count,
        worker=simple_worker(
            lambda shard: [c for example in run.examples.read(shard) for c in file.candidates(example)],
            run.examples.count,
        ),
    )


def _executions(recipe: Recipe, run: Run, cache: Path | None, log: Log) -> Stage[Execution]:
    own = combine(
        stage_fingerprint("executions", 1, recipe.execution.limits),
        tools_fingerprint(recipe.tools, recipe.data),
    )

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Execution]]]]:
        async with Runner(recipe, cache) as runner:

            async def one(example: Example, candidate: Candidate) -> Execution:
                execution = await runner.run(example, candidate)
                advance(1)
                return execution

            async def shard(index: int) -> Sequence[Execution]:
                examples = {example.id: example for example in run.examples.read(index)}
                return await asyncio.gather(
                    *(one(examples[each.example_id], each) for each in run.candidates.read(index))
                )

            yield shard
            log.write("tools", tools={name: each.as_dict() for name, each in runner.statistics.items()})

    # Enough shards at once to keep all places taken while one of them ends.
    programs = max(1, run.candidates.count(0))
    return Stage(
        name="executions",
        table=run.executions,
        shards=len(run.candidates),
        fingerprint=lambda shard: combine(own, run.examples.digest(shard), run.candidates.digest(shard)),
        rows=run.candidates.count,
        worker=worker,
        parallel=1 + -(-recipe.execution.concurrency // programs),
    )


def _verdicts(recipe: Recipe, run: Run) -> Stage[Verdict]:
    own = stage_fingerprint("verdicts", 1, recipe.verification)

    def make(shard: int) -> list[Verdict]:
        examples = {example.id: example for example in run.examples.read(shard)}
        pairs = zip(run.candidates.read(shard), run.executions.read(shard), strict=True)
        verdicts: list[Verdict] = []
        for example_id, group in groupby(pairs, key=lambda pair: pair[0].example_id):
            candidates, executions = zip(*group, strict=True)
            verdicts += judge(examples[example_id], candidates, executions, recipe.verification)
        return verdicts

    return Stage(
        name="verdicts",
        table=run.verdicts,
        shards=len(run.executions),
        fingerprint=lambda shard: combine(
            own, *(table.digest(shard) for table in (run.examples, run.candidates, run.executions))
        ),
        rows=run.candidates.count,
        worker=simple_worker(make, run.candidates.count),
    )
