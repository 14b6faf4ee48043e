"""`vpd cache`."""

from typing import Annotated

import typer

from vpd.cli.options import CacheFolder, Limit, Out, RecipeFile, RoundNumber

app = typer.Typer(
    name="cache",
    help="The response cache: what language models have answered, so that nothing is paid for twice.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def cache_list(cache: CacheFolder = None) -> None:
    """What is stored of each model."""
    from vpd.commands.cache import run_list

    run_list(cache)


@app.command("prune", epilog="Example: `vpd cache prune --older-than 90 --max-size 500`")
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


@app.command("clear")
def cache_clear(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False, cache: CacheFolder = None
) -> None:
    """Remove all replies; asking for them again costs again. What runs have spent stays on their account."""
    from vpd.commands.cache import run_clear

    if not yes:
        typer.confirm("Remove all replies? Asking for them again costs again.", abort=True)
    run_clear(cache)


@app.command("explain", epilog="Example: `vpd cache explain recipe.yaml question-17`")
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
