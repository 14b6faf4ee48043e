"""`vpd distill`, and what other commands share with it."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from vpd.commands.caches import response_cache
from vpd.commands.rounds import estimate_table
from vpd.commands.terminal import print_table
from vpd.commands.verify import freeze
from vpd.distillation.rows.rows import Fault, rationale_fault
from vpd.pipeline.distill import check_judged, distill, estimate_rationales
from vpd.recipe import Recipe, load_recipe
from vpd.records import Rationale
from vpd.reporting.distilled import distilled
from vpd.reporting.summary import Table
from vpd.store import Run, open_run


class DistillOptions(NamedTuple):
    """What the command line says of a distillation."""

    recipe: Path
    out: Path | None
    cache: Path | None
    limit: int | None
    max_tokens_total: int | None
    max_cost: float | None


def run_distill(options: DistillOptions, dry_run: bool) -> None:
    # A run directory holds its own recipe.
    file = options.recipe / "recipe.yaml" if options.recipe.is_dir() else options.recipe
    given = load_recipe(file)
    recipe = within_budget(given, options.max_tokens_total, options.max_cost)
    run = open_run(options.out or (file.parent if options.recipe.is_dir() else Path("runs") / file.stem))
    responses = response_cache(options.cache)
    with run.lock():
        check_judged(recipe, run)
        if dry_run:
            _preview(recipe, run, responses, options.limit)
            return
        freeze(given, run)  # the limits are this command's alone
        distill(recipe, run, responses, options.limit)
        print_table(distilled_table(recipe, run, options.limit))
    print(
        f"\n{run.root}: `vpd report {run.root}` shows them, `vpd export {run.root} --to FOLDER` writes a data set"
    )


def within_budget(recipe: Recipe, max_tokens_total: int | None, max_cost: float | None) -> Recipe:
    """The recipe with these limits in place of what it says of rationales."""
    writing = recipe.distillation.rationales
    limits = {"max_tokens_total": max_tokens_total, "max_cost": max_cost}
    given = {name: value for name, value in limits.items() if value is not None}
    if writing is None or not given:
        return recipe
    distillation = recipe.distillation.model_copy(update={"rationales": writing.model_copy(update=given)})
    return recipe.model_copy(update={"distillation": distillation})


_FAULTS: dict[Fault, str] = {
    "unsupported": "says what was not seen",
    "nothing_seen": "rests on nothing seen",
    "long": "too long",
}


def distilled_table(recipe: Recipe, run: Run, limit: int | None = None) -> Table:
    """What was made of the kept programs."""

    def fault(rationale: Rationale) -> str | None:
        found = rationale_fault(rationale, recipe.distillation.rationales)
        return None if found is None else _FAULTS[found]

    return distilled(run, fault, limit)


def _preview(recipe: Recipe, run: Run, responses: Path, limit: int | None) -> None:
    estimate = estimate_rationales(recipe, run, responses, limit)
    if estimate is None:
        print("templates write the rationales: nothing would be asked of a language model")
        return
    table = replace(estimate_table(estimate, 1), title="Rationales would ask for")
    print_table(table)
