"""`vpd sample`, and what `vpd run` shares with it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from vpd.commands.caches import response_cache
from vpd.commands.rounds import estimate_table, round_table
from vpd.commands.terminal import print_table
from vpd.commands.verify import freeze
from vpd.language_models.errors import BudgetSpent
from vpd.log import Log
from vpd.pipeline.asked import settings_of
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.preview import estimate_round
from vpd.pipeline.rounds import sample
from vpd.recipe import Recipe, load_recipe
from vpd.store import Run


class SampleOptions(NamedTuple):
    """What the command line says of a run that draws programs."""

    recipe: Path
    out: Path | None
    cache: Path | None
    limit: int | None
    max_tokens_total: int | None
    max_cost: float | None


def run_sample(options: SampleOptions, number: int, dry_run: bool) -> None:
    responses = response_cache(options.cache)
    with opened(options) as (recipe, run):
        if dry_run:
            print_table(estimate_table(estimate_round(recipe, run, number, responses), number))
            return
        freeze(recipe, run)
        try:
            sample(recipe, run, number, responses)
        except BudgetSpent as spent:
            Log(run.log).warn(str(spent))
        print_table(round_table(recipe, run, responses))
    print(f"\n{run.root}: `vpd verify {options.recipe}` runs these programs and judges their answers")


@contextmanager
def opened(options: SampleOptions) -> Generator[tuple[Recipe, Run]]:
    """The recipe with the options in place of what it says, and its run, held and with its questions read."""
    recipe = load_recipe(options.recipe)
    limits = {"max_tokens_total": options.max_tokens_total, "max_cost": options.max_cost}
    given = {name: value for name, value in limits.items() if value is not None}
    recipe = recipe.model_copy(update={"sampling": settings_of(recipe).model_copy(update=given)})
    run = Run(options.out or Path("runs") / options.recipe.stem)
    with run.lock():
        read_inputs(recipe, run, options.limit)
        yield recipe, run
