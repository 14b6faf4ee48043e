"""Questions → candidates, drawn from a language model."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from vpd.engines.local import all_of
from vpd.language_models.budget import Budget
from vpd.language_models.cache import ResponseCache
from vpd.language_models.cached import CachedModel
from vpd.language_models.canonical import canonical, key
from vpd.language_models.database import Database
from vpd.language_models.errors import BudgetSpent
from vpd.language_models.protocol import Completion, Request
from vpd.language_models.settings import OpenAISettings, TransformersSettings, create
from vpd.pipeline.asked import (
    Question,
    accepted_before,
    fingerprints,
    incomplete,
    questions,
    settings_of,
)
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate
from vpd.sampling.requests import Requests
from vpd.sampling.sampler import Drawn, Sampler
from vpd.stages import Stage
from vpd.store import Run


def sampling(recipe: Recipe, run: Run, number: int, responses: Path) -> Stage[Candidate]:
    """Draw the programs of one round: the first for every question, later ones where none is accepted yet.

    A shard for which replies are missing, because the budget was spent or the endpoint failed, holds what is
    there; it is pending still, so that the next run asks for the rest. When the budget is spent, all shards are
    made of what the cache holds, and then `BudgetSpent` is raised.

    Args:
        recipe: says what to draw, and from which model.
        run: its earlier rounds have been verified.
        number: the round, from 1.
        responses: the file that the model's replies are kept in.
    """
    settings = settings_of(recipe)
    requests = Requests(settings)
    made_from = fingerprints(recipe, run, number)
    unfinished: set[int] = set()

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Candidate]]]]:
        database = Database(responses)
        cache = ResponseCache(database)
        budget = Budget(database, run.id, settings.model.prices, settings.max_tokens_total, settings.max_cost)
        model = CachedModel(create(settings.model), database, budget)

        def stored(request: Request) -> Mapping[int, Completion]:
            return cache.get(key(canonical(model.identity, request)), request.samples)

        note = _Note(budget, accepted_before(run, number))
        drawing = _Drawing(Sampler(requests, model, stored), number, lambda: advance(1, str(note)))

        async def shard(index: int) -> Sequence[Candidate]:
            asked = list(questions(run, number, index))
            advance(run.examples.count(index) - len(asked))
            drawn = await all_of(drawing.draw(question) for question in asked)
            if not all(each.complete for each in drawn):
                unfinished.add(index)
            return [candidate for each in drawn for candidate in each.candidates]

        try:
            yield shard
        finally:
            await model.close()
            database.close()
        if drawing.spent is not None:
            raise drawing.spent

    return Stage(
        name=f"round {number}",
        table=run.round(number).candidates,
        shards=len(run.examples),
        fingerprint=lambda shard: incomplete(made_from(shard)) if shard in unfinished else made_from(shard),
        rows=run.examples.count,
        worker=worker,
        parallel=_parallel(settings.model, run, number),
    )


class _Drawing:
    """Asks until the budget is spent, and from then on takes what is there."""

    def __init__(self, sampler: Sampler, number: int, done: Callable[[], None]) -> None:
        self._sampler = sampler
        self._number = number
        self._done = done
        self.spent: BudgetSpent | None = None

    async def draw(self, question: Question) -> Drawn:
        drawn = None
        if self.spent is None:
            try:
                drawn = await self._sampler.draw(question.example, self._number, question.past)
            except BudgetSpent as error:
                self.spent = error
        drawn = drawn or self._sampler.kept(question.example, self._number, question.past)
        self._done()
        return drawn


class _Note:
    """What sampling shows besides how many questions are done."""

    def __init__(self, budget: Budget, accepted: int) -> None:
        self._budget = budget
        self._accepted = accepted
        self._started = time.monotonic()
        self._replies_before = budget.spent().replies

    def __str__(self) -> str:
        spent = self._budget.spent()
        rate = (spent.replies - self._replies_before) / max(time.monotonic() - self._started, 1e-3)
        return (
            f"{self._accepted:,} accepted, {spent.prompt_tokens:,} tokens in, {spent.completion_tokens:,} out, "
            f"cost {spent.cost:.4g}, {rate:.1f} requests/s"
        )


def _parallel(model: OpenAISettings | TransformersSettings, run: Run, number: int) -> int:
    """Shards under way at once: enough to keep all places at the model taken while one of them ends."""
    places = model.max_concurrency if isinstance(model, OpenAISettings) else model.batch_size
    # Later rounds pass over most questions.
    questions_asked = run.examples.count(0) if number == 1 else max(1, run.examples.count(0) // 4)
    return 1 + -(-places // questions_asked)
