"""The command line: one command per stage, and no logic. Imports happen inside, so that `--help` is instant."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from vpd.errors import UserError

app = typer.Typer(
    help="Visual program distillation: from images and questions to a model that needs no tools.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.", show_default=False)]


def main() -> None:
    """Run the command line; a user's mistake ends in one sentence and status 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; run the same command again to continue", file=sys.stderr)
        sys.exit(130)


@app.command(
    epilog="Examples:\n\n"
    "`vpd verify recipe.yaml`\n\n"
    "`vpd verify --questions q.jsonl --images photos/ --candidates programs.jsonl "
    "--tool detector=ultralytics:yolov8n.pt --tool reader=rapidocr --out runs/photos`"
)
def verify(
    recipe: Annotated[Path | None, typer.Argument(help="A recipe (YAML).", show_default=False)] = None,
    questions: Annotated[
        Path | None, typer.Option(help="Questions, one JSON object a line.", show_default=False)
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="The folder that image names are relative to.", show_default=False)
    ] = None,
    annotations: Annotated[
        Path | None, typer.Option(help="Known objects, one image a line.", show_default=False)
    ] = None,
    candidates: Annotated[
        Path | None,
        typer.Option(help="Programs: `{example_id or question, programs}` a line.", show_default=False),
    ] = None,
    tool: Annotated[
        list[str] | None,
        typer.Option(help="ROLE=NAME or ROLE=NAME:WEIGHTS; may be repeated.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run directory [default: runs/RECIPE].", show_default=False)
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many questions.", show_default=False)
    ] = None,
    retry: Annotated[
        str, typer.Option(help="Run programs that ended so again, e.g. `tool_error,timeout`.")
    ] = "",
    cache: Annotated[
        Path | None,
        typer.Option(
            envvar="VPD_CACHE", help="Where tool results are kept, for all runs.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
) -> None:
    """Run candidate programs against vision tools, and judge their answers.

    The same command again continues where it stopped; what is done stays done.
    """
    from vpd.commands.verify import run_verify

    run_verify(
        recipe=recipe,
        sources={
            "questions": questions,
            "images": images,
            "annotations": annotations,
            "candidates": candidates,
        },
        tools=tool or [],
        out=out,
        limit=limit,
        retry=retry,
        cache=cache,
        dry_run=dry_run,
    )


@app.command(epilog="Example: `vpd export runs/photos verdicts --format csv > verdicts.csv`")
def export(
    run: RunFolder,
    table: Annotated[str, typer.Argument(help="examples, candidates, executions or verdicts.")],
    format: Annotated[str, typer.Option(help="jsonl or csv.")] = "jsonl",
) -> None:
    """Print a table of a run to standard output."""
    from vpd.commands.export import run_export

    run_export(run, table, format)


@app.command(epilog="Example: `vpd report runs/photos`, then open runs/photos/report/index.html in a browser")
def report(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="The report's folder [default: RUN/report].", show_default=False)
    ] = None,
) -> None:
    """Write a run as one HTML folder: every question, program, trace and verdict."""
    from vpd.commands.report import run_report

    run_report(run, out)


@app.command()
def doctor() -> None:
    """Say what works on this machine: the sandbox's walls, the packages, the tools."""
    from vpd.commands.doctor import run_doctor

    run_doctor()


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The run directory.")] = Path("runs/demo"),
) -> None:
    """Run everything there is on a few scenes that are drawn here: no network, no key, no GPU."""
    from vpd.commands.demo import run_demo

    run_demo(out)
