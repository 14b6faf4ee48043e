"""How long work shows that it moves: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

Advance = Callable[[int], None]
"""Reports that so many more rows are done."""

_SECONDS_BETWEEN_LINES = 15.0


@contextmanager
def progress(what: str, total: int, done: int = 0) -> Generator[Advance]:
    """Show the progress of `total` rows, of which `done` were done before, on standard error."""
    if sys.stderr.isatty():
        with _bar(what, total, done) as advance:
            yield advance
    else:
        with _lines(what, total, done) as advance:
            yield advance


@contextmanager
def _bar(what: str, total: int, done: int) -> Generator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total, completed=done)
        yield lambda rows: bar.advance(task, rows)


@contextmanager
def _lines(what: str, total: int, done: int) -> Generator[Advance]:
    count = done
    last = time.monotonic()

    def advance(rows: int) -> None:
        nonlocal count, last
        count += rows
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"{what}: {count} of {total}", file=sys.stderr, flush=True)

    yield advance
    print(f"{what}: {count} of {total}", file=sys.stderr, flush=True)
