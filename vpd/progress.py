"""How long work shows that it moves: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol


class Advance(Protocol):
    def __call__(self, rows: int, note: str = "") -> None:
        """So many more rows are done; `note` is what else there is to say at this moment."""
        ...


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
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total, completed=done, note="")

        def advance(rows: int, note: str = "") -> None:
            bar.update(task, advance=rows, note=note)

        yield advance


@contextmanager
def _lines(what: str, total: int, done: int) -> Generator[Advance]:
    count, said = done, ""
    begun = last = time.monotonic()

    def say() -> None:
        left = _left(count - done, total - count, time.monotonic() - begun)
        print(
            "; ".join(filter(None, (f"{what}: {count} of {total}", left, said))), file=sys.stderr, flush=True
        )

    def advance(rows: int, note: str = "") -> None:
        nonlocal count, said, last
        count, said = count + rows, note
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say()

    yield advance
    say()


def _left(made: int, missing: int, seconds: float) -> str:
    """How long it may still take, at the pace so far."""
    if not made or not missing:
        return ""
    minutes = missing / made * seconds / 60
    return f"{minutes:.0f} min left" if minutes < 90 else f"{minutes / 60:.1f} h left"
