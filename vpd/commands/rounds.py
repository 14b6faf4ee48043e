"""How each round of sampling went, and what it would cost, as tables."""

from collections import Counter
from pathlib import Path

from vpd.language_models.budget import Budget
from vpd.language_models.database import Database
from vpd.language_models.estimate import Estimate
from vpd.pipeline.asked import accepted_before, settings_of
from vpd.pipeline.rounds import drawn_rounds
from vpd.recipe import Recipe
from vpd.reporting.summary import Cell, Table
from vpd.store import Run


def round_table(recipe: Recipe, run: Run, responses: Path) -> Table:
    """A line per round that was drawn, and what the run has spent."""
    rounds = drawn_rounds(recipe, run)
    return Table(
        title="Programs drawn",
        columns=("round", "asked", "programs", "repeats", "no program", "accepted", "tokens in", "out"),
        rows=[_row(run, number) for number in range(1, len(rounds) + 1)],
        note=f"asked: questions. repeats: samples that gave a program once more. no program: replies that hold none, "
        f"or that could not be had. accepted: questions, before that were verified. {_spent(recipe, run, responses)}",
    )


def _row(run: Run, number: int) -> tuple[Cell, ...]:
    asked: set[str] = set()
    count: Counter[str] = Counter()
    for candidate in run.round(number).candidates.rows():
        asked.add(candidate.example_id)
        count["tokens in"] += candidate.usage.prompt_tokens
        count["tokens out"] += candidate.usage.completion_tokens
        count["repeats"] += candidate.weight - 1
        match candidate.problem_type:
            case None:
                count["programs"] += 1
            case "duplicate":
                count["repeats"] += 1
            case _:
                count["no program"] += 1
    verified = len(run.round(number).verdicts) == len(run.examples)
    accepted = accepted_before(run, number + 1) - accepted_before(run, number) if verified else None
    told = ("programs", "repeats", "no program")
    tokens = ("tokens in", "tokens out")
    return (number, len(asked), *(count[n] for n in told), accepted, *(f"{count[n]:,}" for n in tokens))


def _spent(recipe: Recipe, run: Run, responses: Path) -> str:
    database = Database(responses)
    try:
        spent = Budget(database, run.id).spent()
    finally:
        database.close()
    cost = f", {spent.cost:.4g} in money" if settings_of(recipe).model.prices else ""
    return f"This run has paid for {spent.replies:,} replies: {spent.tokens:,} tokens{cost}."


def estimate_table(estimate: Estimate, number: int) -> Table:
    """What a round would ask for and cost."""
    counted = (
        "counted by its tokenizer" if estimate.prompt_exact else "estimated: name its `tokenizer` to count"
    )
    cost = "unknown: the model has no `prices`" if estimate.cost is None else f"{estimate.cost:.4g}"
    return Table(
        title=f"Round {number} would ask for",
        columns=("", "", ""),
        rows=[
            ("requests", f"{estimate.requests:,}", ""),
            ("completions", f"{estimate.completions:,}", f"{estimate.cached:,} more are in the cache"),
            ("tokens in", f"{estimate.prompt_tokens:,}", counted),
            ("tokens out", f"{estimate.completion_tokens:,}", estimate.completion_basis),
            ("cost", cost, ""),
        ],
    )
