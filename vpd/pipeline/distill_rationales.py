"""Verdicts → rationales: the reasoning of the program that was selected for each question, in words."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from vpd.distillation.rationale.prompt import instructions
from vpd.distillation.rationale.rewriter import Rewriter
from vpd.distillation.rationale.writing import write_rationale
from vpd.distillation.settings import RationaleSettings
from vpd.engines.local import all_of
from vpd.language_models.budget import Budget
from vpd.language_models.cached import CachedModel
from vpd.language_models.database import Database
from vpd.language_models.errors import BudgetSpent
from vpd.language_models.protocol import LanguageModel
from vpd.language_models.settings import OpenAISettings, create
from vpd.pipeline.asked import incomplete, model_fingerprint
from vpd.pipeline.distill_models import Watched
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate, Evidence, Example, Execution, Rationale
from vpd.resources import resource
from vpd.stages import Stage, stage_fingerprint
from vpd.store import Run, combine

_PROMPTS = ("rewrite_again.j2", "rewrite_case.j2")


class Kept(NamedTuple):
    """A question with the candidate that was selected for it."""

    example: Example
    candidate: Candidate
    execution: Execution
    matters: Collection[int] | None
    """The steps that the answer may hang on; None where there is no evidence on it."""


def settings_of(recipe: Recipe) -> RationaleSettings:
    """How reasons are put into words; trajectories need them too where no rationale rows are asked for."""
    return recipe.distillation.rationales or RationaleSettings()


def rationales(recipe: Recipe, run: Run, taken: Sequence[int], responses: Path) -> Stage[Rationale]:
    """Write one rationale for each question that has a selected candidate.

    Where a language model writes, and its budget is spent or its endpoint fails, templates stand in; such a shard
    is pending still, so that the next run asks for the rest. When the budget is spent, all shards are made, and
    then `BudgetSpent` is raised.

    Args:
        recipe: says how.
        run: its programs have been judged.
        taken: how many questions of each shard take part, from the first.
        responses: the file that the model's replies are kept in.
    """
    settings = settings_of(recipe)
    own = combine(stage_fingerprint("rationales", 3), _fingerprint(settings))
    unfinished: set[int] = set()

    def made_from(shard: int) -> str:
        tables = (run.examples, run.candidates, run.executions, run.evidence)
        digests = (t.digest(shard) if t.path(shard).exists() else "absent" for t in tables)
        # Of the verdicts, all that matters is which candidates were selected.
        chosen = (f"{example} {index}" for example, index in sorted(selected(run, shard).items()))
        return combine(own, str(taken[shard]), *digests, *chosen)

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Rationale]]]]:
        async with _model(settings, run, responses) as model:
            spent: BudgetSpent | None = None

            async def one(shard: int, kept: Kept) -> Rationale:
                nonlocal spent
                watched = None if model is None else Watched(model)
                rewriter = None if watched is None else Rewriter(watched, settings)
                example, candidate, execution, matters = kept
                written = await write_rationale(example, candidate, execution, settings, rewriter, matters)
                if watched is not None and (watched.spent or watched.failed):
                    unfinished.add(shard)
                    spent = watched.spent or spent
                advance(1)
                return written

            async def shard(index: int) -> Sequence[Rationale]:
                questions = kept_questions(run, index, taken[index])
                made = await all_of(one(index, question) for question in questions)
                advance(taken[index] - len(made))
                return made

            yield shard
        if spent is not None:
            raise spent

    return Stage(
        name="rationales",
        table=run.rationales,
        shards=len(taken),
        fingerprint=lambda shard: incomplete(made_from(shard)) if shard in unfinished else made_from(shard),
        rows=lambda shard: taken[shard],
        worker=worker,
        parallel=_parallel(settings, taken),
    )


def kept_questions(run: Run, shard: int, count: int) -> list[Kept]:
    """Those of the first `count` questions of a shard that have a selected candidate."""
    chosen = selected(run, shard)
    if not chosen:
        return []
    programs = {(row.example_id, row.index): row for row in run.candidates.read(shard)}
    executions = {(row.example_id, row.index): row for row in run.executions.read(shard)}
    evidence = {(row.example_id, row.index): row for row in run.evidence.read(shard)}
    kept: list[Kept] = []
    for example in run.examples.read(shard)[:count]:
        if example.id in chosen:
            place = example.id, chosen[example.id]
            execution = executions[place]
            kept.append(Kept(example, programs[place], execution, _matters(execution, evidence.get(place))))
    return kept


def selected(run: Run, shard: int) -> dict[str, int]:
    """By example, the index of the candidate that represents it."""
    if not run.verdicts.path(shard).exists():
        return {}
    rows = run.verdicts.read(shard, ("example_id", "index", "status", "selected"))
    return {verdict.example_id: verdict.index for verdict in rows if verdict.selected}


def _matters(execution: Execution, evidence: Evidence | None) -> Collection[int] | None:
    """The steps but those of which it is known that the answer does not hang on them.

    Of a line that ran several times all steps stay, or a total would follow from less than it counts.
    """
    if evidence is None or evidence.worlds is None:
        return None
    lively = frozenset(range(len(execution.steps))) - frozenset(evidence.idle)
    lines = {execution.steps[index].line for index in lively}
    return lively | {index for index in evidence.idle if execution.steps[index].line in lines}


@asynccontextmanager
async def _model(
    settings: RationaleSettings, run: Run, responses: Path
) -> AsyncGenerator[LanguageModel | None]:
    """The language model that writes, behind the response cache and the run's budget; None for templates."""
    if settings.model is None:
        yield None
        return
    database = Database(responses)
    budget = Budget(database, run.id, settings.model.prices, settings.max_tokens_total, settings.max_cost)
    model = CachedModel(create(settings.model), database, budget)
    try:
        yield model
    finally:
        await model.close()
        database.close()


_NO_MATTER = {"model", "max_tokens_total", "max_cost"}


def _fingerprint(settings: RationaleSettings) -> str:
    own = settings.model_dump_json(exclude=_NO_MATTER)
    if settings.model is None:
        return own
    prompts = (resource("prompts", name).read_text(encoding="utf-8") for name in _PROMPTS)
    # With the example programs, which are files of their own.
    shown = instructions(settings.boxes).model_dump_json()
    return combine(own, model_fingerprint(settings.model), shown, *prompts)


def _parallel(settings: RationaleSettings, taken: Sequence[int]) -> int:
    """Shards under way at once: enough to keep all places at the model taken while one of them ends."""
    match settings.model:
        case None:
            return 1
        case OpenAISettings(max_concurrency=places):
            pass
        case model:
            places = model.batch_size
    return 1 + -(-places // max(1, taken[0] if taken else 1))
