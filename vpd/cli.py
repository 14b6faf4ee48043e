"""The command line: one command per stage, and no logic. Imports happen inside, so that `--help` is instant."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from vpd.commands.demo import world
from vpd.errors import UserError

app = typer.Typer(
    help="Visual program distillation: from images and questions to a model that needs no tools.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes a quarter of a second to import
    pretty_exceptions_enable=False,
    add_completion=False,
)

cache_app = typer.Typer(
    help="The response cache: what language models have answered, so that nothing is paid for twice.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes a quarter of a second to import
)
app.add_typer(cache_app, name="cache")

tools_app = typer.Typer(
    help="The specialist models: which there are, and what one of them sees.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(tools_app, name="tools")
app.add_typer(world)

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe (YAML).", show_default=False)]
Out = Annotated[
    Path | None, typer.Option("--out", help="The run directory [default: runs/RECIPE].", show_default=False)
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first so many questions.", show_default=False)
]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        envvar="VPD_CACHE",
        help="The folder of model replies and tool results, for all runs.",
        show_default=False,
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        "--max-tokens-total",
        min=1,
        help="Stop at so many tokens, read and written; a higher limit continues.",
        show_default=False,
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option("--max-cost", min=0, help="Stop at this cost, by the recipe's prices.", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be asked and cost, and ask nothing.")]
RoundNumber = Annotated[int, typer.Option("--round", min=1, help="Which round of the recipe.")]

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

    The same command again continues where it stopped; what is done stays done.
    """
    from vpd.commands.run import run_run
    from vpd.commands.sample import SampleOptions

    run_run(SampleOptions(recipe, out, cache, limit, max_tokens_total, max_cost), dry_run)


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


@cache_app.command("list")
def cache_list(cache: CacheFolder = None) -> None:
    """What is stored of each model."""
    from vpd.commands.cache import run_list

    run_list(cache)


@cache_app.command("prune", epilog="Example: `vpd cache prune --older-than 90 --max-size 500`")
def cache_prune(
    older_than: Annotated[
        float | None, typer.Option(min=0, metavar="DAYS", help="Remove what is older.", show_default=False)
    ] = None,
    max_size: Annotated[
        float | None,
        typer.Option(min=0, metavar="MB", help="Then the oldest, until this is left.", show_default=False),
    ] = None,
    cache: CacheFolder = None,
) -> None:
    """Remove old replies; asking for them again costs again."""
    from vpd.commands.cache import run_prune

    run_prune(cache, older_than, max_size)


@cache_app.command("clear")
def cache_clear(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False, cache: CacheFolder = None
) -> None:
    """Remove all replies; asking for them again costs again. What runs have spent stays on their account."""
    from vpd.commands.cache import run_clear

    if not yes:
        typer.confirm("Remove all replies? Asking for them again costs again.", abort=True)
    run_clear(cache)


@cache_app.command("explain", epilog="Example: `vpd cache explain recipe.yaml question-17`")
def cache_explain(
    recipe: RecipeFile,
    question: Annotated[str, typer.Argument(metavar="ID", help="A question's id.", show_default=False)],
    round_: RoundNumber = 1,
    limit: Limit = None,
    out: Out = None,
    cache: CacheFolder = None,
) -> None:
    """Say whether a question's request is in the cache, and if not, how it differs from what is there."""
    from vpd.commands.cache import run_explain
    from vpd.commands.sample import SampleOptions

    run_explain(SampleOptions(recipe, out, cache, limit, None, None), question, round_)


@tools_app.command("list")
def list_tools() -> None:
    """List the tools by role, with their settings."""
    from vpd.commands.tools import run_list

    run_list()


@tools_app.command(
    "try", epilog="Example: `vpd tools try detector=ultralytics:yolov8n.pt photo.jpg dog --out seen.png`"
)
def try_tool(
    tool: Annotated[str, typer.Argument(help="ROLE=NAME or ROLE=NAME:WEIGHTS.", show_default=False)],
    image: Annotated[Path, typer.Argument(help="The image to look at.", show_default=False)],
    ask: Annotated[
        list[str] | None,
        typer.Argument(help="What to find, verify, score or answer, as the role needs.", show_default=False),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the tool, NAME=VALUE; may be repeated.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="The picture to draw.")] = Path("tool.png"),
) -> None:
    """Ask one tool about one image: its answer in words, and drawn on the image."""
    from vpd.commands.tools import run_try

    run_try(tool, image, ask or [], setting or [], out)
