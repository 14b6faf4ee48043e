"""Questions → candidates, drawn from a language model."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from vpd.engines.local import all_of
from vpd.errors import UserError
from vpd.language_models.budget import Budget
from vpd.language_models.cache import ResponseCache
from vpd.language_models.cached import CachedModel
from vpd.language_models.canonical import canonical, key
from vpd.language_models.database import Database
from vpd.language_models.errors import BudgetSpent
from vpd.language_models.protocol import Completion, Request
from vpd.language_models.settings import OpenAISettings, TransformersSettings, create
from vpd.progress import Advance
from vpd.recipe import Recipe
from vpd.records import Candidate, Example
from vpd.sampling.requests import Past, Requests
from vpd.sampling.sampler import Sampler
from vpd.sampling.settings import SamplingSettings
from vpd.stages import Stage, stage_fingerprint
from vpd.store import Run, combine, together


def settings_of(recipe: Recipe) -> SamplingSettings:
    """
    Raises:
        UserError: the recipe says nothing of sampling.
    """
    if recipe.sampling is None:
        raise UserError(
            "the recipe names no language model; add `sampling: {model: {provider: openai, model: NAME}}`"
        )
    return recipe.sampling


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
    incomplete: set[int] = set()

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Candidate]]]]:
        database = Database(responses)
        cache = ResponseCache(database)
        budget = Budget(database, run.id, settings.model.prices, settings.max_tokens_total, settings.max_cost)
        model = CachedModel(create(settings.model), database, budget)
        spent: BudgetSpent | None = None

        def stored(request: Request) -> Mapping[int, Completion]:
            return cache.get(key(canonical(model.identity, request)), request.samples)

        sampler = Sampler(requests, model, stored)
        note = _Note(budget, accepted_before(run, number))

        async def one(shard: int, question: Question) -> list[Candidate]:
            nonlocal spent
            drawn = None
            if spent is None:
                try:
                    drawn = await sampler.draw(question.example, number, question.past)
                except BudgetSpent as error:
                    spent = error
            drawn = drawn or sampler.kept(question.example, number, question.past)
            if not drawn.complete:
                incomplete.add(shard)
            advance(1, str(note))
            return drawn.candidates

        async def make(shard: int) -> Sequence[Candidate]:
            asked = list(questions(run, number, shard))
            advance(run.examples.count(shard) - len(asked))
            drawn = await all_of(one(shard, question) for question in asked)
            return [candidate for each in drawn for candidate in each]

        try:
            yield make
        finally:
            await model.close()
            database.close()
        if spent is not None:
            raise spent

    return Stage(
        name=f"round {number}",
        table=run.round(number).candidates,
        shards=len(run.examples),
        fingerprint=lambda shard: _incomplete(made_from(shard)) if shard in incomplete else made_from(shard),
        rows=run.examples.count,
        worker=worker,
        parallel=_parallel(settings.model, run, number),
    )


def fingerprints(recipe: Recipe, run: Run, number: int) -> Callable[[int], str]:
    """Of each shard of a round: the settings, the questions, and all that earlier rounds have of them."""
    settings = settings_of(recipe)
    own = combine(
        stage_fingerprint("sampling", 1),
        Requests(settings).fingerprint(number),
        _model_fingerprint(settings.model),
    )
    earlier = [run.round(n) for n in range(1, number)]
    past = [table for each in earlier for table in (each.candidates, each.executions)]

    def fingerprint(shard: int) -> str:
        tables = (run.examples, *past)
        digests = (t.digest(shard) if t.path(shard).exists() else "absent" for t in tables)
        # Of the verdicts, all that matters is which questions still ask for more.
        return combine(own, *digests, *sorted(_accepted(run, number, shard)))

    return fingerprint


def is_stale(recipe: Recipe, run: Run, number: int) -> bool:
    """Whether some of a round was drawn with other settings, for other questions, or after other verdicts."""
    made_from, table = fingerprints(recipe, run, number), run.round(number).candidates
    return any(
        table.fingerprint(shard) not in (made_from(shard), _incomplete(made_from(shard)))
        for shard in range(len(table))
    )


class Question(NamedTuple):
    """A question that a round asks."""

    example: Example
    past: Past


def questions(run: Run, number: int, shard: int) -> Iterator[Question]:
    """The questions of a shard that have no accepted program yet, with what earlier rounds drew for them."""
    earlier = [run.round(n) for n in range(1, number)]
    candidates = together([each.candidates for each in earlier], shard)
    executions = together([each.executions for each in earlier], shard)
    accepted = _accepted(run, number, shard)
    for example in run.examples.read(shard):
        if example.problem is None and example.id not in accepted:
            past = Past(candidates.get(example.id, []), executions.get(example.id, []))
            yield Question(example, past)


def accepted_before(run: Run, number: int) -> int:
    """For how many questions the rounds before `number` found an accepted program."""
    return sum(len(_accepted(run, number, shard)) for shard in range(len(run.examples)))


def _accepted(run: Run, number: int, shard: int) -> set[str]:
    """The questions of a shard for which the rounds before `number` found an accepted program."""
    verdicts = run.round(number - 1).verdicts.path(shard)
    if number == 1 or not verdicts.exists():
        return set()
    table = pq.read_table(verdicts, columns=["example_id", "kept"])
    return set(table.filter(table["kept"])["example_id"].to_pylist())


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


def _incomplete(fingerprint: str) -> str:
    return combine(fingerprint, "incomplete")


_NO_MATTER = {
    "api_key_env",
    "batch_size",
    "device",
    "max_attempts",
    "max_concurrency",
    "patience",
    "prices",
    "samples_per_request",
    "timeout",
    "tokenizer",
}
"""Settings of a model that do not change what it says."""


def _model_fingerprint(model: OpenAISettings | TransformersSettings) -> str:
    """A model in a folder is known by the sizes and times of its files: weights can be large."""
    folder = Path(model.model)
    files = sorted(folder.iterdir()) if isinstance(model, TransformersSettings) and folder.is_dir() else []
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    return combine(
        model.model_dump_json(exclude=_NO_MATTER),
        *(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats),
    )


def _parallel(model: OpenAISettings | TransformersSettings, run: Run, number: int) -> int:
    """Shards under way at once: enough to keep all places at the model taken while one of them ends."""
    places = model.max_concurrency if isinstance(model, OpenAISettings) else model.batch_size
    # Later rounds pass over most questions.
    questions_asked = run.examples.count(0) if number == 1 else max(1, run.examples.count(0) // 4)
    return 1 + -(-places // questions_asked)
