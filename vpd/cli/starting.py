"""To begin: a recipe, a look at this machine, and the whole job on a small world."""

from pathlib import Path
from typing import Annotated

import typer

from vpd.cli.options import Annotations, Images, Questions

app = typer.Typer(rich_markup_mode=None)


@app.command(
    epilog="Examples:\n\n"
    "`vpd init --questions questions.jsonl --images photos/ > recipe.yaml`\n\n"
    "`vpd init --preset vpd-paper > vpd-paper.yaml`"
)
def init(
    questions: Questions = None,
    images: Images = None,
    annotations: Annotations = None,
    preset: Annotated[
        str | None, typer.Option(help="A recipe that travels with vpd, as it is.", show_default=False)
    ] = None,
) -> None:
    """Print a recipe to start from: one fitted to your questions and this machine, or one that is ready."""
    from vpd.commands.init import run_init

    run_init(questions, images, annotations, preset)


@app.command()
def doctor() -> None:
    """Say what works on this machine: the sandbox's walls, the packages, the tools."""
    from vpd.commands.doctor import run_doctor

    run_doctor()


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option(help="The folder of data, run and reports; a stopped demo goes on there.")
    ] = Path("runs/demo"),
    questions: Annotated[int, typer.Option(min=1, help="Questions to learn from.")] = 240,
    held_out: Annotated[int, typer.Option(min=1, help="Questions to be compared on.")] = 120,
) -> None:
    """Go through every stage on scenes that are drawn here: no network, no key, no GPU."""
    from vpd.commands.demo import run_demo

    run_demo(out, questions, held_out)
