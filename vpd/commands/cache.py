"""`vpd cache`: what the response cache holds, and making it smaller."""

from datetime import timedelta
from pathlib import Path

from vpd.commands.caches import response_cache
from vpd.commands.sample import SampleOptions, opened
from vpd.commands.terminal import print_table
from vpd.errors import UserError
from vpd.language_models.database import Database
from vpd.language_models.upkeep import Removed, clear, holdings, prune
from vpd.pipeline.preview import explain_question
from vpd.reporting.summary import Table


def run_list(folder: Path | None) -> None:
    path = response_cache(folder)
    database = _opened(path)
    held = holdings(database)
    database.close()
    print_table(
        Table(
            title=str(path),
            columns=(
                "model",
                "endpoint",
                "requests",
                "replies",
                "tokens in",
                "out",
                "MB",
                "oldest",
                "newest",
            ),
            rows=[
                (
                    each.model,
                    each.endpoint,
                    each.requests,
                    each.completions,
                    f"{each.prompt_tokens:,}",
                    f"{each.completion_tokens:,}",
                    f"{each.size / 1e6:.1f}",
                    f"{each.oldest:%Y-%m-%d}",
                    f"{each.newest:%Y-%m-%d}",
                )
                for each in held
            ],
        )
    )


def run_prune(folder: Path | None, older_than: float | None, max_size: float | None) -> None:
    if older_than is None and max_size is None:
        raise UserError("say what may go: --older-than DAYS, --max-size MB, or both")
    database = _opened(response_cache(folder))
    age = None if older_than is None else timedelta(days=older_than)
    size = None if max_size is None else round(max_size * 1e6)
    _say(prune(database, older_than=age, max_bytes=size))
    database.close()


def run_clear(folder: Path | None) -> None:
    database = _opened(response_cache(folder))
    _say(clear(database))
    database.close()


def run_explain(options: SampleOptions, example_id: str, number: int) -> None:
    with opened(options) as (recipe, run):
        found = explain_question(recipe, run, number, example_id, response_cache(options.cache))
    if found.samples:
        print(f"In the cache: samples {', '.join(map(str, found.samples))} of request {found.key[:12]}.")
        return
    if found.nearest is None:
        print("The cache is empty.")
        return
    print_table(
        Table(
            title=f"Not in the cache; the nearest request there, {found.nearest[:12]}, differs in",
            columns=("field", "asked for", "in the cache"),
            rows=found.differences,
        )
    )


def _opened(path: Path) -> Database:
    if not path.exists():
        raise UserError(f"there is no response cache at {path} yet")
    return Database(path)


def _say(removed: Removed) -> None:
    print(f"removed {removed.requests:,} requests with {removed.completions:,} replies")
