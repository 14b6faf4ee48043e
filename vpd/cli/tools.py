"""`vpd tools`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="tools",
    help="The specialist models: which there are, and what one of them sees.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_tools() -> None:
    """List the tools by role, with their settings."""
    from vpd.commands.tools import run_list

    run_list()


@app.command(
    "try", epilog="Example: `vpd tools try detector=ultralytics:yolov8n.pt photo.jpg dog --out seen.png`"
)
def try_tool(
    tool: Annotated[str, typer.Argument(help="ROLE=NAME or ROLE=NAME:WEIGHTS.", show_default=False)],
    image: Annotated[Path, typer.Argument(help="The image to look at.", show_default=False)],
    ask: Annotated[
        list[str] | None,
        typer.Argument(help="What to find, verify, score or answer, as the role needs.", show_default=False),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the tool, NAME=VALUE; may be repeated.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="The picture to draw.")] = Path("tool.png"),
) -> None:
    """Ask one tool about one image: its answer in words, and drawn on the image."""
    from vpd.commands.tools import run_try

    run_try(tool, image, ask or [], setting or [], out)
