"""`vpd report`."""

from pathlib import Path

from vpd.commands.verify import tool_names
from vpd.log import Log
from vpd.recipe import load_recipe
from vpd.reporting.accuracy import accuracy
from vpd.reporting.report import write_report
from vpd.reporting.rows import questions
from vpd.reporting.summary import RunSummary
from vpd.reporting.tools import tool_table
from vpd.store import open_run


def run_report(root: Path, out: Path | None) -> None:
    run = open_run(root)
    recipe = load_recipe(run.recipe)
    summary = RunSummary(
        name=root.resolve().name,
        recipe=run.recipe.read_text(encoding="utf-8"),
        tables=[accuracy(questions(run), tool_names(recipe)), tool_table(Log(run.log))],
    )
    page = write_report(out or root / "report", questions(run), recipe.data.images, summary)
    print(page)
