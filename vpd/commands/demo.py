"""`vpd demo`: every stage of `recipes/tabletop.yaml` on a small drawn world, offline."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from vpd.errors import UserError
from vpd.recipe import Recipe
from vpd.tabletop.cli import app as world

__all__ = ["run_demo", "world"]

# Those about a single picture that the student's eyes can take in whole.
FAMILIES = (
    "exists",
    "count",
    "count_filtered",
    "compare_counts",
    "relation",
    "behind",
    "between",
    "attribute",
    "extreme",
    "read_sign",
    "sign_arithmetic",
    "word_shown",
)


def run_demo(out: Path, questions: int, held_out: int, recipe: Path | None = None) -> None:
    """Go through every stage, or go on where the same command stopped.

    Args:
        out: gets the data, the run, the caches and the reports.
        questions: of the training split.
        held_out: questions of the test split.
        recipe: in place of the bundled one.

    Raises:
        UserError: a package or a model that the recipe names is not there.
    """
    import yaml

    from vpd.commands.closing import Closing
    from vpd.commands.evaluate_recipe import run_evaluate_recipe
    from vpd.commands.finetune import run_finetune
    from vpd.commands.report import run_report
    from vpd.commands.run import run_run
    from vpd.commands.sample import SampleOptions
    from vpd.commands.terminal import print_table
    from vpd.pipeline.finetune import Options
    from vpd.recipe import load_recipe
    from vpd.resources import resource
    from vpd.store import Run

    started = time.monotonic()
    given = load_recipe(recipe or resource("recipes", "tabletop.yaml"))
    _require_models(given)
    _quiet()
    run, cache, file = Run(out / "run"), out / "cache", out / "recipe.yaml"
    # By their size, so that another one is never taken for what was drawn before.
    train, test = out / f"train-{questions}", out / f"test-{held_out}"
    _say(
        1,
        f"Drawing {questions} questions about solids and signs on a table, and {held_out} held out",
    )
    _draw(train, "train", questions)
    _draw(test, "test", held_out)
    file.write_text(yaml.safe_dump(_placed(given, train, test), sort_keys=False), encoding="utf-8")
    _say(
        2, "A small language model writes programs; specialists run them; they are judged and put into words"
    )
    run_run(SampleOptions(file, run.root, cache, None, None, None), dry_run=False)
    _say(3, "A student learns from labels, rationales and trajectories")
    run_finetune(run.root, None, Options(), dry_run=False)
    _say(4, "Its twin learns from the same labels alone")
    run_finetune(run.root, None, Options(twin=True), dry_run=False)
    _say(5, "Student, twin, base and programs answer the questions held out")
    evaluated = run_evaluate_recipe(run.root, None, cache, show=False)
    _say(6, "What came of it")
    closing = Closing(run, evaluated)
    figures = closing.figures()
    for table in (*figures, closing.seconds()):
        print_table(table)
    print(f"\nDone in {time.monotonic() - started:.0f} s. Open these pages in a browser:")
    print((evaluated.folder.root / "report" / "index.html").resolve())
    run_report(run.root, None, figures)


def _say(number: int, what: str) -> None:
    print(f"\n[{number}/6] {what}", flush=True)


def _quiet() -> None:
    """Leave the terminal to our own words: libraries warn of what nobody who runs the demo can change."""
    import warnings

    try:
        from transformers.utils import logging
    except ImportError as error:
        raise UserError("the demo needs PyTorch and its libraries: pip install 'vpd[all]'") from error
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _draw(folder: Path, split: str, count: int) -> None:
    """Draw a data set, unless it is there whole."""
    import shutil

    from vpd.tabletop.dataset import generate
    from vpd.tabletop.splits import Split

    if folder.exists():
        return
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    generate(part, cast("Split", split), count, seed=0, families=FAMILIES)
    part.rename(folder)


def _placed(recipe: Recipe, train: Path, test: Path) -> dict[str, Any]:
    """The recipe with other data."""
    values = recipe.model_dump(mode="json")
    values["data"] |= {"questions": str(train.resolve() / "questions.jsonl"), "images": str(train.resolve())}
    values["evaluation"]["data"] = str(test.resolve())
    return values


def _require_models(recipe: Recipe) -> None:
    for name in _models(recipe):
        if not Path(name).is_dir():
            raise UserError(
                f"the weights of the demo's {Path(name).name} are missing: reinstall vpd, or, in a checkout, make them "
                f"with `vpd tabletop train {Path(name).name}`"
            )


def _models(recipe: Recipe) -> Iterator[str]:
    if recipe.sampling is not None:
        yield recipe.sampling.model.model
    for tool in recipe.tools.values():
        yield from _named(tool.settings)
    if recipe.finetune is not None:
        yield recipe.finetune.model


def _named(settings: dict[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _named(cast("dict[str, Any]", value))
        elif name == "model":
            yield str(value)
