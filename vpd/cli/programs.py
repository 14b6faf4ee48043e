"""From questions to judged programs."""

from pathlib import Path
from typing import Annotated

import typer

from vpd.cli.options import (
    Annotations,
    CacheFolder,
    DryRun,
    Images,
    Limit,
    MaxCost,
    MaxTokens,
    Out,
    Questions,
    RecipeFile,
    RoundNumber,
)

app = typer.Typer(rich_markup_mode=None)


@app.command(
    epilog="Example: `vpd sample recipe.yaml --dry-run`, then the same with `--max-cost 5` in its place"
)
def sample(
    recipe: RecipeFile,
    round_: RoundNumber = 1,
    limit: Limit = None,
    dry_run: DryRun = False,
    max_tokens_total: MaxTokens = None,
    max_cost: MaxCost = None,
    out: Out = None,
    cache: CacheFolder = None,
) -> None:
    """Draw candidate programs from a language model: one round of the recipe.

    The same command again continues where it stopped; no reply is paid for twice. Rounds after the first draw for
    the questions without an accepted program, so they need the verdicts of `vpd verify`; `vpd run` does both.
    """
    from vpd.commands.sample import SampleOptions, run_sample

    options = SampleOptions(recipe, out, cache, limit, max_tokens_total, max_cost)
    run_sample(options, round_, dry_run)


@app.command(
    epilog="Examples:\n\n"
    "`vpd verify recipe.yaml`\n\n"
    "`vpd verify --questions q.jsonl --images photos/ --candidates programs.jsonl "
    "--tool detector=ultralytics:yolov8n.pt --tool reader=rapidocr --out runs/photos`"
)
def verify(
    recipe: Annotated[Path | None, typer.Argument(help="A recipe (YAML).", show_default=False)] = None,
    questions: Questions = None,
    images: Images = None,
    annotations: Annotations = None,
    candidates: Annotated[
        Path | None,
        typer.Option(help="Programs: `{example_id or question, programs}` a line.", show_default=False),
    ] = None,
    tool: Annotated[
        list[str] | None,
        typer.Option(help="ROLE=NAME or ROLE=NAME:WEIGHTS; may be repeated.", show_default=False),
    ] = None,
    out: Out = None,
    limit: Limit = None,
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


@app.command(epilog="Example: `vpd run recipe.yaml --max-cost 5`")
def run(
    recipe: RecipeFile,
    limit: Limit = None,
    dry_run: DryRun = False,
    max_tokens_total: MaxTokens = None,
    max_cost: MaxCost = None,
    out: Out = None,
    cache: CacheFolder = None,
) -> None:
    """Draw programs and verify them by turns, until every question has one, or the rounds or the budget end.

    Then training rows are made of the kept ones, as `vpd distill` does. The same command again continues where it
    stopped; what is done stays done.
    """
    from vpd.commands.run import run_run
    from vpd.commands.sample import SampleOptions

    run_run(SampleOptions(recipe, out, cache, limit, max_tokens_total, max_cost), dry_run)
