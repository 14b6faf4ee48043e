"""Tables on a terminal."""

import sys
from collections.abc import Sequence

from vpd.reporting.summary import Cell, Table

# Cells up to this length are never broken.
_SHORT = 24


def print_table(table: Table) -> None:
    """Print a table to standard output, as wide as it needs to be."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(title=Text(table.title), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, column in enumerate(table.columns):
        cells = [row[index] for row in table.rows]
        short = all(len(str(cell)) <= _SHORT for cell in cells)
        right = "right" if _numbers(cells) else "left"
        shown.add_column(Text(column), justify=right, no_wrap=short, overflow="fold")
    for row in table.rows:
        # Text, not markup: a source may be called "[red]".
        shown.add_row(*(Text("–" if cell is None else str(cell)) for cell in row))
    # Into a file or a pipe there is no width to keep to.
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(shown)
    if table.note:
        console.print(Text(table.note, style="dim"))


def _numbers(cells: Sequence[Cell]) -> bool:
    """Whether a column holds numbers and shares, such as 12.5 %."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    return all(text == "–" or text.endswith(" %") for text in texts)
