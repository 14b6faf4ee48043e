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
    """Scenes, questions and programs from a drawn world, and the models that see it."""


@app.command(
    epilog="Example: `vpd tabletop generate data/train --split train --count 2000 --family count --family relation`"
)
def generate(
    out: Annotated[Path, typer.Argument(help="The folder to write.", show_default=False)],
    split: Annotated[
        str, typer.Option(help="train, val or test: each with compositions of its own.")
    ] = "train",
    count: Annotated[int, typer.Option(min=1, help="Questions; one of each family at least.")] = 1000,
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


@app.command(epilog="Example: `vpd tabletop train all --device cuda --workers 12`")
def train(
    what: Annotated[
        str,
        typer.Argument(help="coder, detector, scorer, depth, eyes, vqa, vlm, or all.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Gets a folder of weights and card for each.")] = Path(
        "data/tabletop"
    ),
    work: Annotated[Path, typer.Option(help="Checkpoints; a run that was stopped goes on from them.")] = Path(
        "runs/tabletop-training"
    ),
    steps: Annotated[
        int | None, typer.Option(min=1, help="Instead of the model's own number.", show_default=False)
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Instead of the model's own.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed on one device, the same weights.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto for a GPU if there is one.")] = "auto",
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw scenes beside the training.")] = 0,
    prolong: Annotated[
        bool,
        typer.Option(
            "--prolong",
            help="Begin with the weights that --out holds; give another --seed, or the same batches come again.",
        ),
    ] = False,
    scored: Annotated[int, typer.Option(min=0, help="Held-out scenes or questions to score on.")] = 400,
) -> None:
    """Train the small models of the offline world, and score them on scenes held out."""
    from vpd.tabletop.training.run import train_specialists

    train_specialists(
        what,
        out,
        work,
        steps=steps,
        batch_size=batch_size,
        seed=seed,
        device=device,
        workers=workers,
        prolong=prolong,
        scored=scored,
    )
