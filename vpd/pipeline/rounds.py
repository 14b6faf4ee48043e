"""Sampling and verification by turns: each round draws only for questions without an accepted program."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypeVar

from vpd.errors import UserError
from vpd.language_models.errors import BudgetSpent
from vpd.log import Log
from vpd.pipeline.execute import ended_as, executions
from vpd.pipeline.judge import verdicts
from vpd.pipeline.sample import sampling, settings_of
from vpd.recipe import Recipe
from vpd.records import Candidate, Execution, Status, Verdict
from vpd.sampling.sampler import unaccepted
from vpd.stages import Stage, complete, simple_worker, stage_fingerprint
from vpd.store import Programs, Run, Table, combine, together

E = TypeVar("E", Candidate, Execution, Verdict)


def sample(recipe: Recipe, run: Run, number: int, responses: Path) -> None:
    """Draw one round.

    Raises:
        UserError: there is no such round, or the one before has not been verified.
    """
    schedule = settings_of(recipe).schedule
    if number > len(schedule):
        raise UserError(f"the recipe has {len(schedule)} rounds; there is no round {number}")
    if number > 1 and len(run.round(number - 1).verdicts) < len(run.examples):
        raise UserError(
            f"round {number - 1} has not been verified yet; run `vpd verify` with this recipe first"
        )
    log = Log(run.log)
    complete(sampling(recipe, run, number, responses), log)
    _gather(run, drawn_rounds(run), log)


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
    log = Log(run.log)
    rounds = _programs(recipe, run)
    for number, programs in enumerate(rounds, start=1):
        stage = executions(recipe, run.examples, programs.candidates, programs.executions, cache, log)
        complete(stage, log, ended_as(programs.executions, retry))
        before = rounds[:number]
        complete(
            verdicts(
                recipe,
                run.examples,
                [each.candidates for each in before],
                [each.executions for each in before],
                programs.verdicts,
            ),
            log,
        )
    if rounds != [run]:
        _gather(run, rounds, log)


def sample_and_verify(recipe: Recipe, run: Run, responses: Path, cache: Path | None) -> bool:
    """All rounds by turns, until every question has an accepted program, or the budget is spent.

    Returns:
        Whether the budget sufficed; where it did not, what was drawn has been verified all the same.
    """
    for number in range(1, len(settings_of(recipe).schedule) + 1):
        try:
            sample(recipe, run, number, responses)
        except BudgetSpent as spent:
            Log(run.log).warn(str(spent))
            if drawn_rounds(run):
                verify(recipe, run, cache)
            return False
        verify(recipe, run, cache)
        if not _unaccepted(run, number):
            break
    return True


def pending(recipe: Recipe, run: Run) -> tuple[int, int]:
    """How many candidates are still to be run, and how many there are."""
    todo = total = 0
    for programs in _programs(recipe, run):
        stage = executions(recipe, run.examples, programs.candidates, programs.executions, None, Log(run.log))
        todo += sum(map(stage.rows, stage.pending()))
        total += sum(map(stage.rows, range(stage.shards)))
    return todo, total


def drawn_rounds(run: Run) -> list[Programs]:
    """The rounds that have been drawn, in order."""
    rounds: list[Programs] = []
    while len((programs := run.round(len(rounds) + 1)).candidates):
        rounds.append(programs)
    return rounds


def _programs(recipe: Recipe, run: Run) -> Sequence[Programs]:
    """Where the candidates are: those of a file stand in the run's own table, drawn ones in their rounds."""
    if recipe.data.candidates is not None:
        return [run]
    if rounds := drawn_rounds(run):
        return rounds
    raise UserError(
        "there are no programs to verify; give --candidates FILE, or draw some with `vpd sample` and a recipe"
    )


def _unaccepted(run: Run, number: int) -> bool:
    """Whether a question is left for which a further round may help."""
    for shard in range(len(run.examples)):
        rows = together([run.round(number).verdicts], shard)
        if any(e.problem is None and unaccepted(rows.get(e.id, [])) for e in run.examples.read(shard)):
            return True
    return False


def _gather(run: Run, rounds: Sequence[Programs], log: Log) -> None:
    """All rounds' rows together, question by question, in the run's own tables."""
    complete(_together(run, "candidates", run.candidates, [each.candidates for each in rounds]), log)
    complete(_together(run, "executions", run.executions, [each.executions for each in rounds]), log)
    # The last round's verdicts are on the candidates of all rounds.
    complete(_together(run, "verdicts", run.verdicts, [each.verdicts for each in rounds][-1:]), log)


def _together(run: Run, name: str, table: Table[E], parts: Sequence[Table[E]]) -> Stage[E]:
    own = stage_fingerprint(f"all {name}", 1)

    def make(shard: int) -> list[E]:
        rows = together(parts, shard)
        return [row for example in run.examples.read(shard) for row in rows.get(example.id, [])]

    return Stage(
        name=f"all {name}",
        table=table,
        shards=max((len(part) for part in parts), default=0),
        fingerprint=lambda shard: combine(own, *(p.digest(shard) for p in parts if p.path(shard).exists())),
        rows=run.examples.count,
        worker=simple_worker(make, run.examples.count),
    )
