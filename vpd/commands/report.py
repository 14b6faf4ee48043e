"""`vpd report`."""

from collections.abc import Sequence
from pathlib import Path

from vpd.commands.distill import distilled_table
from vpd.commands.verify import tool_names
from vpd.log import Log
from vpd.recipe import load_recipe
from vpd.reporting.accuracy import accuracy
from vpd.reporting.reliability import Bin, reliability_diagram
from vpd.reporting.report import write_report
from vpd.reporting.rows import questions
from vpd.reporting.summary import Figure, RunSummary, Table
from vpd.reporting.tools import tool_table
from vpd.store import open_run
from vpd.verification.score import load_score_model


def run_report(root: Path, out: Path | None, first: Sequence[Table] = ()) -> None:
    """Write the report; the tables in `first` stand before those of the run."""
    run = open_run(root)
    recipe = load_recipe(run.recipe)
    summary = RunSummary(
        name=root.resolve().name,
        recipe=run.recipe.read_text(encoding="utf-8"),
        tables=[
            *first,
            accuracy(questions(run), tool_names(recipe)),
            *([distilled_table(recipe, run)] if len(run.rows) else []),
            tool_table(Log(run.log)),
        ],
        figures=_reliability() if recipe.verification.preset == "evidence" else [],
    )
    page = write_report(out or root / "report", questions(run), recipe.data.images, summary)
    print(page)


def _reliability() -> list[Figure]:
    """What the score of the evidence was worth where the truth is known."""
    model = load_score_model()
    return [
        reliability_diagram(
            f"Reliability of the score of {name} questions",
            [Bin(each.predicted, each.right, each.programs) for each in score.reliability],
            f"Measured by cross-validation on the programs that the score was fitted on ({model.provenance}); a "
            "score on the diagonal is the share of programs that are right for the right reasons.",
        )
        for name, score in (("labelled", model.labelled), ("unlabelled", model.unlabelled))
    ]
