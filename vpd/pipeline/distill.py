"""From judged programs to training data: rationales, then training rows."""

import asyncio
from pathlib import Path

from vpd.distillation.rationale.rewriter import Rewriter
from vpd.distillation.rationale.writing import write_rationale
from vpd.errors import UserError
from vpd.language_models.cache import ResponseCache
from vpd.language_models.database import Database
from vpd.language_models.errors import BudgetSpent
from vpd.language_models.estimate import Estimate, estimate
from vpd.language_models.settings import OpenAISettings, create
from vpd.log import Log
from vpd.pipeline.distill_models import Preview
from vpd.pipeline.distill_rationales import kept_questions, rationales, settings_of
from vpd.pipeline.distill_rows import training_rows
from vpd.pipeline.rounds import drawn_rounds, verdicts_on
from vpd.recipe import Recipe
from vpd.stages import complete
from vpd.store import Programs, Run


def distill(recipe: Recipe, run: Run, responses: Path, limit: int | None = None) -> bool:
    """Bring rationales and training rows up to date.

    Args:
        recipe: what to do.
        run: where; the caller holds its lock, and its programs have been judged.
        responses: the file that a language model's replies are kept in.
        limit: take the first so many questions only.

    Returns:
        Whether the budget sufficed; where it did not, templates wrote what the language model could not.

    Raises:
        UserError: there are no verdicts, or they were given by another recipe.
    """
    check_judged(recipe, run)
    taken = questions_taken(run, limit)
    log = Log(run.log)
    enough = True
    try:
        complete(rationales(recipe, run, taken, responses), log)
    except BudgetSpent as spent:
        log.warn(f"{spent}; templates wrote the other rationales")
        enough = False
    complete(training_rows(recipe, run, taken), log)
    return enough


def check_judged(recipe: Recipe, run: Run) -> None:
    """
    Raises:
        UserError: there are no verdicts, or they were given by another recipe, or for other programs.
    """
    if not len(run.verdicts):
        raise UserError(
            f"{run.root} holds no verdicts yet; run `vpd verify` with the same recipe and --out first"
        )
    rounds: list[Programs] = [run] if recipe.data.candidates is not None else drawn_rounds(recipe, run)
    if not rounds or verdicts_on(recipe, run, rounds, None).pending():
        raise UserError(
            f"the verdicts in {run.root} belong to another recipe, or to other programs; run `vpd verify` with "
            "this recipe again: what is in the cache costs nothing"
        )


def questions_taken(run: Run, limit: int | None) -> list[int]:
    """How many questions of each shard take part, from the first; shards without any are left out."""
    taken: list[int] = []
    left = limit
    for shard in range(len(run.examples)):
        count = run.examples.count(shard)
        taken.append(count if left is None else min(count, left))
        left = None if left is None else left - taken[-1]
    return [count for count in taken if count]


def estimate_rationales(
    recipe: Recipe, run: Run, responses: Path, limit: int | None = None
) -> Estimate | None:
    """What writing the rationales would send and cost; None where templates write them. Needs no key.

    Of what is written again because it did not pass the check, only what the cache shows is foreseen.
    """
    settings = settings_of(recipe)
    if settings.model is None:
        return None
    model = settings.model
    if isinstance(model, OpenAISettings):
        model = model.model_copy(update={"api_key_env": None})

    async def count() -> Estimate:
        asked = create(model)
        database = Database(responses)
        preview = Preview(asked, ResponseCache(database))
        rewriter = Rewriter(preview, settings)
        try:
            for shard, number in enumerate(questions_taken(run, limit)):
                for example, candidate, execution, matters in kept_questions(run, shard, number):
                    await write_rationale(example, candidate, execution, settings, rewriter, matters)
            return estimate(asked, preview.requests, database, model.prices)
        finally:
            database.close()
            await asked.close()

    return asyncio.run(count())
