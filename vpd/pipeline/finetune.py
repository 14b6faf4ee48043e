"""Training rows → a student, or its no-rationale twin."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from vpd.errors import UserError
from vpd.inputs.training_rows import TrainingRows, read_training_rows
from vpd.pipeline.distill_rows import check_current
from vpd.recipe import Recipe
from vpd.records import TrainingRow
from vpd.store import Run
from vpd.training.arguments import is_main
from vpd.training.finetuning import Finetuned, finetune
from vpd.training.items import group
from vpd.training.settings import FinetuneSettings, twin


class Options(NamedTuple):
    """What is said beside the recipe."""

    rows: Path | None = None
    """A data set to learn from, in place of the run's table."""
    twin: bool = False
    """Train the no-rationale twin."""
    into: Path | None = None
    """The model's folder; by default `student` or `twin` in the run directory."""
    limit: int | None = None
    """Learn from the first so many examples alone."""
    steps: int | None = None
    """Optimiser steps, in place of the recipe's."""
    merge: bool = False
    """Save the merged model too."""


class Training(NamedTuple):
    """All that fine-tuning needs."""

    settings: FinetuneSettings
    rows: Sequence[TrainingRow]
    image_root: Path
    folder: Path


def training(recipe: Recipe, run: Run, options: Options) -> Training:
    """What a recipe and its options ask for.

    Raises:
        UserError: the recipe says nothing of fine-tuning, or there are no training rows, or they are out of date.
    """
    if recipe.finetune is None:
        raise UserError(
            "the recipe does not say what to fine-tune; add `finetune: {model: Qwen/Qwen3-VL-4B-Instruct}`"
        )
    settings = twin(recipe.finetune) if options.twin else recipe.finetune
    changes = {"steps": options.steps} if options.steps else {}
    settings = settings.model_copy(update=changes | ({"merge": True} if options.merge else {}))
    folder = options.into or run.root / ("twin" if options.twin else "student")
    found = (
        _of_run(recipe, run)
        if options.rows is None
        else read_training_rows(options.rows, recipe.data.images, folder / "images")
    )
    rows = _first(found.rows, options.limit)
    if options.twin and not any(row.task == "label" for row in rows):
        raise UserError("a twin learns from labels alone, and none of the training rows is one")
    return Training(settings, rows, found.image_root, folder)


def train(asked: Training) -> Finetuned:
    """Train, go on with a training that was broken off, or find that it is done."""
    # Under a launcher, the first process holds the folder for all of them.
    with Run(asked.folder).lock() if is_main() else nullcontext():
        return finetune(asked.settings, asked.rows, asked.image_root, asked.folder)


def _of_run(recipe: Recipe, run: Run) -> TrainingRows:
    table = run.rows
    if not len(table):
        raise UserError(
            f"{run.root} has no training rows; `vpd distill` makes them, or give an exported data set with --rows"
        )
    if len(table) < len(run.examples):
        raise UserError(
            f"{run.root} has the training rows of only {len(table)} of {len(run.examples)} shards; run `vpd distill` "
            "to its end"
        )
    check_current(recipe, run)
    return TrainingRows(list(table.rows()), recipe.data.images)


def _first(rows: Sequence[TrainingRow], limit: int | None) -> list[TrainingRow]:
    """The rows of the first `limit` examples."""
    if limit is None:
        return list(rows)
    return [rows[position] for item in group(rows)[:limit] for position in item]
