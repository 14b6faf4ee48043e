"""`vpd tabletop`: data from a world that knows the truth."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="tabletop",
    help="Scenes, questions and programs from a drawn world.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def tabletop() -> None:
    """A group of commands, although it has one so far."""


@app.command(
    epilog="Example: `vpd tabletop generate data/train --split train --count 2000 --family count --family relation`"
)
def generate(
    out: Annotated[Path, typer.Argument(help="The folder to write.", show_default=False)],
    split: Annotated[
        str, typer.Option(help="train, val or test: each with compositions of its own.")
    ] = "train",
    count: Annotated[int, typer.Option(min=1, help="Questions.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed, the same bytes.")] = 0,
    family: Annotated[
        list[str] | None, typer.Option(help="Only this family; may be repeated.", show_default=False)
    ] = None,
) -> None:
    """Write questions about drawn scenes as an ordinary data set, with the truth beside it."""
    from typing import cast

    from vpd.tabletop import dataset
    from vpd.tabletop.splits import Split

    written = dataset.generate(out, cast("Split", split), count, seed, family)
    print(f"{written.questions} questions about {written.images} images under {out}")
