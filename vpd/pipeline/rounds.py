"""Sampling and verification by turns: each round draws only for questions without an accepted program."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice, takewhile
from pathlib import Path
from typing import TypeVar

from vpd.errors import UserError
from vpd.language_models.errors import BudgetSpent
from vpd.log import Log
from vpd.pipeline.asked import accepted_before, is_stale, settings_of
from vpd.pipeline.evidence import evidence
from vpd.pipeline.execute import ended_as, executions
from vpd.pipeline.judge import verdicts
from vpd.pipeline.sample import sampling
from vpd.recipe import Recipe
from vpd.records import Candidate, Evidence, Execution, Status, Verdict
from vpd.stages import Stage, complete, simple_worker, stage_fingerprint
from vpd.store import Programs, Run, Table, combine, together

E = TypeVar("E", Candidate, Execution, Evidence, Verdict)


def sample(recipe: Recipe, run: Run, number: int, responses: Path) -> None:
    """Draw one round; the inputs have been read.

    Args:
        recipe: what to do.
        run: where; the caller holds its lock.
        number: the round, from 1.
        responses: the file that the model's replies are kept in.

    Raises:
        UserError: there is no such round, or an earlier one has not been drawn and verified.
        BudgetSpent: the limit was reached; what was received is in the tables.
    """
    log = Log(run.log)
    try:
        _draw(recipe, run, number, responses, log)
    except BudgetSpent:
        _gather(recipe, run, log)
        raise
    _warn_of_silence(run, number, log)
    _gather(recipe, run, log)


def verify(
    recipe: Recipe, run: Run, cache: Path | None, retry: Collection[Status] = (), last: int | None = None
) -> None:
    """Execute every candidate and judge every answer; the inputs have been read.

    Args:
        recipe: what to do.
        run: where; the caller holds its lock.
        cache: the file that tool results are kept in; None to ask the tools every time.
        retry: run candidates that ended so once more (when a tool was out of order, say).
        last: the round to end with; by default the last that was drawn.

    Raises:
        UserError: there are no candidates, or a tool cannot be made.
    """
    log = Log(run.log)
    if recipe.data.candidates is not None:
        _verify_last(recipe, run, [run], cache, retry, log)
        return
    rounds: list[Programs] = []
    for programs in islice(_drawn(recipe, run), last):
        rounds.append(programs)
        _verify_last(recipe, run, rounds, cache, retry, log)
    if not rounds:
        raise _nothing_to_verify()
    _gather(recipe, run, log)


def sample_and_verify(recipe: Recipe, run: Run, responses: Path, cache: Path | None) -> bool:
    """All rounds by turns, until every question has an accepted program, or the budget is spent.

    Returns:
        Whether the budget sufficed; where it did not, what was drawn has been verified all the same.
    """
    log = Log(run.log)
    for number in range(1, len(settings_of(recipe).schedule) + 1):
        enough = True
        try:
            _draw(recipe, run, number, responses, log)
        except BudgetSpent as spent:
            log.warn(str(spent))
            enough = False
        if _warn_of_silence(run, number, log):
            raise UserError(f"round {number} got no reply at all; the same command asks again")
        verify(recipe, run, cache, last=number)
        if not enough:
            return False
        if accepted_before(run, number + 1) == _answerable(run):
            break
    return True


def pending(recipe: Recipe, run: Run) -> tuple[int, int]:
    """How many candidates are still to be run, and how many there are."""
    rounds = [run] if recipe.data.candidates is not None else list(_drawn(recipe, run))
    if not rounds:
        raise _nothing_to_verify()
    todo = total = 0
    for programs in rounds:
        stage = executions(recipe, run.examples, programs.candidates, programs.executions, None, Log(run.log))
        todo += sum(map(stage.rows, stage.pending()))
        total += sum(map(stage.rows, range(stage.shards)))
    return todo, total


def drawn_rounds(recipe: Recipe, run: Run) -> list[Programs]:
    """The rounds that were drawn as the recipe says, from the first."""
    numbers = range(1, _rounds(recipe) + 1)
    return [run.round(n) for n in takewhile(lambda n: _is_drawn(recipe, run, n), numbers)]


def first_unverified(recipe: Recipe, run: Run) -> int:
    """The first round that is still to be drawn or verified; one more than there are if none is."""
    numbers = range(1, _rounds(recipe) + 1)
    return next((n for n in numbers if not _is_complete(recipe, run, n)), len(numbers) + 1)


def _draw(recipe: Recipe, run: Run, number: int, responses: Path, log: Log) -> None:
    if recipe.data.candidates is not None:
        raise UserError("the recipe takes its programs from `data.candidates`; leave that out to draw them")
    schedule = settings_of(recipe).schedule
    if number > len(schedule):
        raise UserError(f"the recipe has {len(schedule)} rounds; there is no round {number}")
    for earlier in range(1, number):
        if not _is_complete(recipe, run, earlier):
            raise UserError(
                f"round {number} needs the verdicts of round {earlier}: `vpd sample --round {earlier}`, then "
                "`vpd verify`; or let `vpd run` do it all"
            )
    complete(sampling(recipe, run, number, responses), log)


def _warn_of_silence(run: Run, number: int, log: Log) -> bool:
    """Say how many questions of a round the endpoint failed on; returns whether it answered none."""
    drawn = list(run.round(number).candidates.rows())
    silent = [candidate for candidate in drawn if candidate.problem_type == "no_reply"]
    if silent:
        log.warn(f"{len(silent)} questions of round {number} got no reply: {silent[0].problem}")
    return bool(silent) and len(silent) == len(drawn)


def _drawn(recipe: Recipe, run: Run) -> Iterator[Programs]:
    """The rounds that were drawn as the recipe says, in order.

    Lazy, since whether a round is one of them depends on the verdicts of those before.

    Raises:
        UserError: the first round was drawn otherwise.
    """
    for number in range(1, _rounds(recipe) + 1):
        if not len(run.round(number).candidates):
            return
        if is_stale(recipe, run, number):
            if number > 1:
                Log(run.log).warn(
                    f"round {number} is left out: it was drawn with other settings or after other verdicts; "
                    f"`vpd run`, or `vpd sample --round {number}`, draws it again from the replies in the cache"
                )
                return
            raise UserError(
                f"the programs in {run.root} were drawn with other settings or for other questions; draw them "
                "again with `vpd sample` or `vpd run`: replies in the cache cost nothing"
            )
        yield run.round(number)


def _rounds(recipe: Recipe) -> int:
    return len(recipe.sampling.schedule) if recipe.sampling else 0


def _nothing_to_verify() -> UserError:
    return UserError(
        "there are no programs to verify; give --candidates FILE, or draw some with `vpd sample` and a recipe"
    )


def _verify_last(
    recipe: Recipe,
    run: Run,
    rounds: Sequence[Programs],
    cache: Path | None,
    retry: Collection[Status],
    log: Log,
) -> None:
    """Execute the candidates of the last of these rounds, and judge those of all of them."""
    last = rounds[-1]
    stage = executions(recipe, run.examples, last.candidates, last.executions, cache, log)
    complete(stage, log, ended_as(last.executions, retry))
    complete(_evidence(recipe, run, rounds, cache, log), log)
    complete(verdicts_on(recipe, run, rounds, cache), log)


def _evidence(
    recipe: Recipe, run: Run, rounds: Sequence[Programs], cache: Path | None, log: Log
) -> Stage[Evidence]:
    return evidence(
        recipe,
        run.examples,
        [each.candidates for each in rounds],
        [each.executions for each in rounds],
        rounds[-1].evidence,
        cache,
        log,
    )


def verdicts_on(recipe: Recipe, run: Run, rounds: Sequence[Programs], cache: Path | None) -> Stage[Verdict]:
    """The judgement of everything that these rounds drew; it stands in the tables of the last."""
    return verdicts(
        recipe,
        run.examples,
        [each.candidates for each in rounds],
        [each.executions for each in rounds],
        rounds[-1].evidence,
        rounds[-1].verdicts,
        cache,
    )


def _is_verified(recipe: Recipe, run: Run, number: int) -> bool:
    """Whether a round was drawn as the recipe says, and everything in it is executed and judged."""
    rounds = [run.round(n) for n in range(1, number + 1)]
    last = rounds[-1]
    if not len(last.candidates) or is_stale(recipe, run, number):
        return False
    log = Log(run.log)
    ran = executions(recipe, run.examples, last.candidates, last.executions, None, log)
    return not (
        ran.pending()
        or _evidence(recipe, run, rounds, None, log).pending()
        or verdicts_on(recipe, run, rounds, None).pending()
    )


def _is_complete(recipe: Recipe, run: Run, number: int) -> bool:
    """Whether a round is verified for all questions."""
    return len(run.round(number).candidates) == len(run.examples) and _is_verified(recipe, run, number)


def _answerable(run: Run) -> int:
    return sum(example.problem is None for example in run.examples.rows())


def _gather(recipe: Recipe, run: Run, log: Log) -> None:
    """All rounds' rows together, question by question, in the run's own tables."""
    drawn = drawn_rounds(recipe, run)
    numbers = range(1, len(drawn) + 1)
    verified = [run.round(n) for n in takewhile(lambda n: _is_verified(recipe, run, n), numbers)]
    complete(_together(run, "candidates", run.candidates, [each.candidates for each in drawn]), log)
    complete(_together(run, "executions", run.executions, [each.executions for each in verified]), log)
    # The last round's evidence and verdicts are on the candidates of all rounds.
    complete(_together(run, "evidence", run.evidence, [each.evidence for each in verified[-1:]]), log)
    complete(_together(run, "verdicts", run.verdicts, [each.verdicts for each in verified[-1:]]), log)


def _is_drawn(recipe: Recipe, run: Run, number: int) -> bool:
    return len(run.round(number).candidates) > 0 and not is_stale(recipe, run, number)


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
