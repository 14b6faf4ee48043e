"""Questions → candidates, drawn from a language model."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from vpd.engines.local import all_of
from vpd.errors import UserError
from vpd.language_models.budget import Budget
from vpd.language_models.cached import CachedModel
from vpd.language_models.database import Database
from vpd.language_models.estimate import Estimate, estimate
from vpd.language_models.protocol import Request
from vpd.language_models.settings import create
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate, Example, Execution
from vpd.sampling.examples import choose_examples
from vpd.sampling.prompt import instructions
from vpd.sampling.sampler import Sampler, unaccepted
from vpd.sampling.settings import SamplingSettings
from vpd.stages import Stage, stage_fingerprint
from vpd.store import Programs, Run, combine, together


def settings_of(recipe: Recipe) -> SamplingSettings:
    """Raises `UserError` where the recipe says nothing of sampling."""
    if recipe.sampling is None:
        raise UserError(
            "the recipe names no language model; add `sampling: {model: {provider: openai, model: NAME}}`"
        )
    return recipe.sampling


def sampling(recipe: Recipe, run: Run, number: int, responses: Path) -> Stage[Candidate]:
    """Draw the programs of one round: the first for every question, later ones where none is accepted yet.

    Args:
        recipe: says what to draw, and from which model.
        run: its earlier rounds have been verified.
        number: the round, from 1.
        responses: the file that the model's replies are kept in.
    """
    settings = settings_of(recipe)
    plan = settings.schedule[number - 1]
    earlier = [run.round(n) for n in range(1, number)]
    own = combine(
        stage_fingerprint("sampling", 1, plan),
        # The budget decides how far a run gets, not what its rows are.
        settings.model_dump_json(exclude={"rounds", "preset", "max_tokens_total", "max_cost"}),
        instructions(choose_examples(settings.examples)).model_dump_json(),
    )

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Candidate]]]]:
        database = Database(responses)
        budget = Budget(database, run.id, settings.model.prices, settings.max_tokens_total, settings.max_cost)
        model = CachedModel(create(settings.model), database, budget)
        sampler = Sampler(settings, model)

        async def one(
            example: Example, before: Sequence[Candidate], executions: Sequence[Execution], wanted: bool
        ) -> list[Candidate]:
            drawn = await sampler.draw(example, number, before, executions) if wanted else []
            spent = budget.spent()
            advance(
                1,
                f"{spent.prompt_tokens:,} tokens in, {spent.completion_tokens:,} out, {spent.cost:.4g} in money",
            )
            return drawn

        async def shard(index: int) -> Sequence[Candidate]:
            questions = list(_questions(run, earlier, index))
            drawn = await all_of(one(*question) for question in questions)
            return [candidate for each in drawn for candidate in each]

        try:
            yield shard
        finally:
            await model.close()
            database.close()

    return Stage(
        name=f"round {number}",
        table=run.round(number).candidates,
        shards=len(run.examples),
        fingerprint=lambda shard: combine(
            own,
            run.examples.digest(shard),
            *(t.digest(shard) for r in earlier for t in (r.candidates, r.executions, r.verdicts)),
        ),
        rows=run.examples.count,
        worker=worker,
        parallel=2,
    )


def estimate_round(recipe: Recipe, run: Run, number: int, responses: Path) -> Estimate:
    """What drawing a round would send and cost; sends nothing."""
    settings = settings_of(recipe)
    model = create(settings.model)
    sampler = Sampler(settings, model)
    earlier = [run.round(n) for n in range(1, number)]

    def requests() -> Iterator[Request]:
        for shard in range(len(run.examples)):
            for example, before, executions, wanted in _questions(run, earlier, shard):
                if wanted:
                    yield sampler.request(example, number, before, executions)

    database = Database(responses)
    try:
        return estimate(model, requests(), database, settings.model.prices)
    finally:
        database.close()


def _questions(
    run: Run, earlier: Sequence[Programs], shard: int
) -> Iterator[tuple[Example, list[Candidate], list[Execution], bool]]:
    """The questions of a shard with what earlier rounds drew for them, and whether they need more."""
    candidates = together([each.candidates for each in earlier], shard)
    executions = together([each.executions for each in earlier], shard)
    verdicts = together([each.verdicts for each in earlier[-1:]], shard)
    for example in run.examples.read(shard):
        wanted = example.problem is None and unaccepted(verdicts.get(example.id, []))
        yield example, candidates.get(example.id, []), executions.get(example.id, []), wanted
