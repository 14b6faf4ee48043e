"""From kept programs to training rows, and to a model."""

from pathlib import Path
from typing import Annotated

import typer

from vpd.cli.options import CacheFolder, DryRun, Limit, MaxCost, MaxTokens, Out, RecipeFile, RunFolder

app = typer.Typer(rich_markup_mode=None)


@app.command(
    epilog="Examples:\n\n"
    "`vpd distill recipe.yaml`\n\n"
    "`vpd distill runs/photos`, with the recipe that the run was made by\n\n"
    "`vpd distill recipe.yaml --dry-run`, then the same with `--max-cost 5` in its place"
)
def distill(
    recipe: Annotated[
        Path,
        typer.Argument(metavar="RECIPE", help="A recipe (YAML), or a run directory.", show_default=False),
    ],
    limit: Limit = None,
    dry_run: DryRun = False,
    max_tokens_total: MaxTokens = None,
    max_cost: MaxCost = None,
    out: Out = None,
    cache: CacheFolder = None,
) -> None:
    """Make training rows of a verified run: labels, rationales that say only what was seen, and trajectories.

    Templates write the rationales, or a language model where the recipe names one; what it writes is held against
    what the tools reported. The same command again continues where it stopped; no reply is paid for twice.
    """
    from vpd.commands.distill import DistillOptions, run_distill

    run_distill(DistillOptions(recipe, out, cache, limit, max_tokens_total, max_cost), dry_run)


@app.command(epilog="Example: `vpd check-rationales written.jsonl --run runs/photos`")
def check_rationales(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Rationales, `{example_id or question, text, index?}` a line.",
            show_default=False,
        ),
    ],
    run: Annotated[
        Path, typer.Option("--run", help="The run whose tools have seen the images.", show_default=False)
    ],
    out: Annotated[
        Path | None, typer.Option(help="The report [default: FILE-checked.jsonl].", show_default=False)
    ] = None,
) -> None:
    """Hold rationales from anywhere against what a run's kept programs saw, and name each claim that is not borne out.

    Ends with status 1 if there is one, or if nothing could be checked.
    """
    from vpd.commands.check_rationales import run_check_rationales

    if not run_check_rationales(file, run, out):
        raise typer.Exit(1)


@app.command(
    epilog="Examples:\n\n"
    "`vpd export runs/photos verdicts --format csv > verdicts.csv`\n\n"
    "`vpd export runs/photos --to photos-rows --as parquet`, the training rows as a data set\n\n"
    "`vpd export runs/photos --to me/photos --as hub`, as a private data set on the Hugging Face hub"
)
def export(
    run: RunFolder,
    table: Annotated[
        str,
        typer.Argument(help="examples, candidates, executions, evidence, verdicts, rationales or rows."),
    ] = "rows",
    format: Annotated[
        str | None,
        typer.Option(help="How a table is printed: jsonl or csv [default: jsonl].", show_default=False),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="A folder for the training rows and their pictures.", show_default=False),
    ] = None,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="What is written: jsonl, parquet, llava, llamafactory or hub [default: jsonl].",
            show_default=False,
        ),
    ] = None,
    cache: CacheFolder = None,
) -> None:
    """Print a table of a run to standard output; or, with --to, write its training rows as a data set."""
    from vpd.commands import export as command

    command.export(run, command.ExportOptions(table, format, to, as_, cache))


@app.command(
    epilog="Examples:\n\n"
    "`vpd finetune recipe.yaml --dry-run`, then without it\n\n"
    "`vpd finetune recipe.yaml --twin`, the baseline to compare with\n\n"
    "`vpd finetune recipe.yaml --rows exported/ --into models/student --merge`\n\n"
    "`accelerate launch --config_file recipes/accelerate/ddp.yaml -m vpd finetune recipe.yaml`, on several GPUs"
)
def finetune(
    recipe: RecipeFile,
    twin: Annotated[
        bool, typer.Option("--twin", help="Train the twin: the same labels, steps and seeds, no rationales.")
    ] = False,
    rows: Annotated[
        Path | None,
        typer.Option(
            help="Learn from an exported data set (JSONL or Parquet) in place of the run's rows.",
            show_default=False,
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(help="The model's folder [default: RUN/student or RUN/twin].", show_default=False),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many examples.", show_default=False)
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="Optimiser steps, in place of the recipe's.", show_default=False),
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Also save the model with its adapter merged in.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say rows, tokens, steps and memory, and train nothing.")
    ] = False,
    out: Out = None,
) -> None:
    """Train a student on labels, rationales and trajectories; or, with --twin, on the same labels alone.

    The same command again continues from the last checkpoint, and does nothing when the model is there.
    """
    from vpd.commands.finetune import run_finetune
    from vpd.pipeline.finetune import Options

    run_finetune(recipe, out, Options(rows, twin, into, limit, steps, merge), dry_run)
