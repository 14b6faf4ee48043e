"""Executions, evidence and labels → verdicts."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache as remembered
from pathlib import Path
from typing import NamedTuple

from vpd.engines.local import all_of
from vpd.garbage import seldom_collected
from vpd.language_models.cached import CachedModel
from vpd.language_models.database import Database
from vpd.language_models.errors import RunError, TransientError
from vpd.language_models.settings import create
from vpd.pipeline.asked import incomplete
from vpd.progress import Advance
from vpd.prompts import render
from vpd.recipe import Recipe
from vpd.records import Candidate, Evidence, Example, Execution, Verdict
from vpd.stages import Stage, stage_fingerprint
from vpd.store import Table, combine, together
from vpd.verification.doubt import doubtful_references
from vpd.verification.judge import Judge
from vpd.verification.score import load_score_model, score_model_text
from vpd.verification.settings import VerificationSettings
from vpd.verification.survey import Survey
from vpd.verification.verdicts import Jury, Question, judge

_ANSWERS = ("example_id", "index", "status", "answer")
_CALLS = ("kind", "line", "expression", "tool", "image", "region", "arguments")
_OUTCOMES = (*_ANSWERS, "error", *(f"steps.{name}" for name in _CALLS))
_WORDS = ("example_id", "index", "relevance")


def verdicts(
    recipe: Recipe,
    examples: Table[Example],
    candidates: Sequence[Table[Candidate]],
    executions: Sequence[Table[Execution]],
    evidence: Table[Evidence],
    table: Table[Verdict],
    cache: Path | None,
) -> Stage[Verdict]:
    """Judge the candidates of each question together, of all rounds so far; one row each.

    Every verdict depends on the whole run, since what is usual in it says what a right answer is worth.
    """
    settings = recipe.verification
    own = combine(stage_fingerprint("verdicts", 3, settings), score_model_text(), _prompt(settings))
    made_from = (examples, *candidates, *executions, evidence)
    unfinished: set[int] = set()
    """Shards on which the judge could not be reached: pending still."""

    @remembered
    def everything() -> str:
        return combine(*(table.digest(shard) for table in made_from for shard in range(len(table))))

    @remembered
    def survey() -> Survey:
        counted = Survey()
        for shard in range(len(executions[0])):
            outcomes = together(executions, shard, _ANSWERS)
            found = together([evidence], shard, _WORDS)
            for example in examples.read(shard):
                counted.add(example, outcomes.get(example.id, []), found.get(example.id, []))
        return counted

    def fingerprint(shard: int) -> str:
        current = combine(own, str(shard), everything())
        return incomplete(current) if shard in unfinished else current

    def rows(shard: int) -> int:
        return sum(each.count(shard) for each in candidates if each.path(shard).exists())

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Verdict]]]]:
        async with AsyncExitStack() as opened:
            if settings.judge is None:
                opened.enter_context(seldom_collected())
            ask = await opened.enter_async_context(_judge(settings, cache))
            jury = Jury(settings, load_score_model(), survey())

            async def shard(index: int) -> Sequence[Verdict]:
                by_id = {example.id: example for example in examples.read(index)}
                programs, outcomes = together(candidates, index), together(executions, index, _OUTCOMES)
                found = together([evidence], index)
                questions = [
                    Question(e, programs.get(e.id, []), outcomes.get(e.id, []), found.get(e.id, []))
                    for e in by_id.values()
                ]
                opinions = await all_of(_opinions(question, ask) for question in questions)
                if any(opinion.missing for opinion in opinions):
                    unfinished.add(index)
                made = [
                    verdict
                    for question, opinion in zip(questions, opinions, strict=True)
                    for verdict in judge(question, by_id, opinion.found, jury)
                ]
                advance(rows(index))
                return made

            yield shard

    return Stage(
        name="verdicts",
        table=table,
        shards=len(executions[0]),
        fingerprint=fingerprint,
        rows=rows,
        worker=worker,
    )


@asynccontextmanager
async def _judge(settings: VerificationSettings, cache: Path | None) -> AsyncGenerator[Judge | None]:
    """The language model that the recipe names as a judge; its replies are kept beside the tools' results."""
    if settings.judge is None:
        yield None
        return
    model = create(settings.judge)
    database = None if cache is None else Database(cache.with_name("responses.sqlite"))
    try:
        yield Judge(model if database is None else CachedModel(model, database))
    finally:
        await model.close()
        if database is not None:
            database.close()


class _Opinions(NamedTuple):
    """What the judge takes to be the same, of what the rules leave in doubt."""

    found: Mapping[tuple[str, str], bool]
    missing: bool = False
    """Whether the endpoint failed on some; the next run asks again."""


async def _opinions(question: Question, ask: Judge | None) -> _Opinions:
    if ask is None:
        return _Opinions({})
    example = question.example
    answers = dict.fromkeys(
        e.answer for e in question.executions if e.status == "ok" and e.answer is not None
    )
    pairs = [(answer, reference) for answer in answers for reference in doubtful_references(answer, example)]

    async def opinion(answer: str, reference: str) -> bool | TransientError | None:
        try:
            return await ask.same(example.question, answer, reference)
        except TransientError as error:
            if isinstance(error, RunError):
                raise
            return error

    found = await all_of(opinion(*pair) for pair in pairs)
    known = {pair: each for pair, each in zip(pairs, found, strict=True) if isinstance(each, bool)}
    return _Opinions(known, any(isinstance(each, TransientError) for each in found))


def _prompt(settings: VerificationSettings) -> str:
    if settings.judge is None:
        return ""
    return render("judge.j2", question="", first="", second="")
