"""Tables on a terminal."""

from vpd.reporting.summary import Table


def print_table(table: Table) -> None:
    """Print a table to standard output, as wide as it needs to be."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(title=Text(table.title), box=box.SIMPLE_HEAD, title_justify="left")
    for index, column in enumerate(table.columns):
        shown.add_column(Text(column), justify="right" if index else "left")
    for row in table.rows:
        # Text, not markup: a source may be called "[red]".
        shown.add_row(*(Text("–" if cell is None else str(cell)) for cell in row))
    console = Console()
    console.print(shown)
    if table.note:
        console.print(Text(table.note, style="dim"))
