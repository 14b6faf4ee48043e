"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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

Questions = Annotated[
    Path | None, typer.Option("--questions", help="Questions, one JSON object a line.", show_default=False)
]
Images = Annotated[
    Path | None,
    typer.Option("--images", help="The folder that image names are relative to.", show_default=False),
]
Annotations = Annotated[
    Path | None, typer.Option("--annotations", help="Known objects, one image a line.", show_default=False)
]
