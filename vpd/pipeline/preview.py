"""What a round would ask, and why the response cache does not know it; sends nothing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from vpd.errors import UserError
from vpd.language_models.canonical import canonical
from vpd.language_models.database import Database
from vpd.language_models.estimate import Estimate, estimate
from vpd.language_models.explain import Explanation, explain
from vpd.language_models.protocol import LanguageModel, Request
from vpd.language_models.settings import OpenAISettings, create
from vpd.pipeline.asked import questions, settings_of
from vpd.recipe import Recipe
from vpd.sampling.requests import Requests
from vpd.sampling.settings import SamplingSettings
from vpd.store import Run


def estimate_round(recipe: Recipe, run: Run, number: int, responses: Path) -> Estimate:
    """What drawing a round would send and cost. Needs no key."""
    settings = settings_of(recipe)
    requests = Requests(settings)

    def asked() -> Iterator[Request]:
        for shard in range(len(run.examples)):
            for question in questions(run, number, shard):
                yield requests.request(question.example, number, question.past)

    async def count() -> Estimate:
        model = _model(settings)
        database = Database(responses)
        try:
            return estimate(model, asked(), database, settings.model.prices)
        finally:
            database.close()
            await model.close()

    return asyncio.run(count())


def explain_question(recipe: Recipe, run: Run, number: int, example_id: str, responses: Path) -> Explanation:
    """Whether the cache holds a question's request of a round, and if not, what it holds instead.

    Raises:
        UserError: the round does not ask this question.
    """
    settings = settings_of(recipe)
    for shard in range(len(run.examples)):
        for question in questions(run, number, shard):
            if question.example.id == example_id:
                request = Requests(settings).request(question.example, number, question.past)
                return asyncio.run(_explain(settings, request, responses))
    raise UserError(f"round {number} does not ask a question with the id {example_id!r}")


async def _explain(settings: SamplingSettings, request: Request, responses: Path) -> Explanation:
    model = _model(settings)
    database = Database(responses)
    try:
        return explain(database, canonical(model.identity, request))
    finally:
        database.close()
        await model.close()


def _model(settings: SamplingSettings) -> LanguageModel:
    """The model, without the key that only sending needs."""
    model = settings.model
    if isinstance(model, OpenAISettings):
        model = model.model_copy(update={"api_key_env": None})
    return create(model)
