"""`vpd export`: a table to standard output, or the training rows as a data set."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast

from vpd.commands.caches import response_cache
from vpd.distillation.rows.card import Cost, dataset_card
from vpd.distillation.rows.dataset import to_dataset
from vpd.distillation.rows.export import Format, export_rows
from vpd.distillation.rows.folder import check_free, replaced
from vpd.distillation.rows.hub import push
from vpd.errors import UserError
from vpd.language_models.budget import Budget
from vpd.language_models.database import Database
from vpd.pipeline.distill_rows import check_current
from vpd.recipe import load_recipe
from vpd.records import TrainingRow, Usage
from vpd.store import Run, open_run

_FILES = {
    "jsonl": "train.jsonl",
    "parquet": "train.parquet",
    "llava": "train.json",
    "llamafactory": "train.jsonl",
    "hub": None,
}


class ExportOptions(NamedTuple):
    """What the command line says of an export; None where it says nothing."""

    table: str
    printed: str | None
    to: str | None
    written: str | None
    cache: Path | None


def export(root: Path, options: ExportOptions) -> None:
    """Print a table, or write the training rows, as the options say.

    Raises:
        UserError: options of the one are given with the other.
    """
    if options.to is None:
        if options.written is not None:
            raise UserError(f"--as {options.written} needs --to FOLDER; --format says how a table is printed")
        run_export(root, options.table, options.printed or "jsonl")
        return
    if options.table != "rows" or options.printed is not None:
        raise UserError("--to writes the training rows only: leave out the table and --format")
    run_export_rows(root, options.to, options.written or "jsonl", options.cache)


def run_export(root: Path, name: str, form: str) -> None:
    """Print a table."""
    tables = open_run(root).tables
    if name not in tables:
        raise UserError(f"there is no table {name!r}; there are {', '.join(tables)}")
    table = tables[name]
    if not len(table):
        made_by = "distill" if name in ("rationales", "rows") else "verify"
        raise UserError(f"{root} has no {name} yet; `vpd {made_by}` makes them")
    try:
        if form == "jsonl":
            for row in table.rows():
                print(row.model_dump_json())
        elif form == "csv":
            writer = csv.writer(sys.stdout)
            writer.writerow(table.record.model_fields)
            for row in table.rows():
                writer.writerow(_cell(value) for value in row.model_dump(mode="json").values())
        else:
            raise UserError(f"--format {form}: choose jsonl or csv")
    except BrokenPipeError:
        sys.stderr.close()  # `| head` has seen enough


def run_export_rows(root: Path, to: str, form: str, cache: Path | None) -> None:
    """Write the training rows, with their pictures and a data set card, into a folder or onto the hub.

    Raises:
        UserError: there are no rows, or they are out of date; or the folder holds what no export wrote.
    """
    if form not in _FILES:
        raise UserError(f"--as {form}: choose {', '.join(_FILES)}")
    _require_packages(form)
    run = open_run(root)
    folder = Path(to)
    if form != "hub":
        check_free(folder)
    count = sum(map(run.rows.count, range(len(run.rows))))
    if not count:
        raise UserError(f"{root} has no training rows yet; `vpd distill {root}` makes them")
    recipe = load_recipe(run.recipe)
    check_current(recipe, run)
    card = dataset_card(
        name=to if form == "hub" else folder.resolve().name,
        examples=run.examples.rows(),
        verdicts=run.verdicts.rows(),
        rationales=run.rationales.rows(),
        rows=run.rows.rows(),
        licences=recipe.distillation.licences,
        cost=_cost(run, response_cache(cache)),
        file=_FILES[form],
    )
    rows = _Rows(run)
    if form == "hub":
        with TemporaryDirectory() as cached:
            print(push(to_dataset(rows, recipe.data.images, Path(cached)), card, to))
        return
    with replaced(folder) as made:
        file = export_rows(rows, recipe.data.images, made, cast("Format", form))
        (made / "README.md").write_text(card, encoding="utf-8")
    print(f"{count:,} training rows in {folder / file.name}")


class _Rows:
    """The training rows, as often as they are gone through; a shard in memory at a time."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __iter__(self) -> Iterator[TrainingRow]:
        return self._run.rows.rows()


def _require_packages(form: str) -> None:
    from importlib.util import find_spec

    if form in ("parquet", "hub") and find_spec("datasets") is None:
        raise UserError(
            f"--as {form} needs the package datasets; run `pip install 'vpd[train]'`, or choose jsonl"
        )


def _cost(run: Run, responses: Path) -> Cost | None:
    """What the run has paid language models, by the response cache's account; None where that has none."""
    if not responses.exists():
        return None
    database = Database(responses)
    try:
        spent = Budget(database, run.id).spent()
    finally:
        database.close()
    if not spent.replies:
        return None
    usage = Usage(
        prompt_tokens=spent.prompt_tokens,
        cached_prompt_tokens=spent.cached_prompt_tokens,
        completion_tokens=spent.completion_tokens,
    )
    return Cost(usage, spent.cost or None)


def _cell(value: Any) -> str:
    """Nested values as JSON; a text that a spreadsheet would run as a formula is made plain."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return json.dumps(value, ensure_ascii=False)
