"""`vpd tools list` and `vpd tools try`."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from vision_tools.errors import ToolError
from vision_tools.tryout import list_tools, try_tool
from vpd.commands.terminal import print_table
from vpd.commands.verify import tool_option
from vpd.errors import UserError
from vpd.reporting.summary import Table


def run_list() -> None:
    try:
        found = list_tools()
    except ToolError as error:
        raise UserError(str(error)) from error
    print_table(
        Table(
            title="Tools",
            columns=("role", "name", "settings"),
            rows=[(tool.role, tool.name, ", ".join(tool.settings)) for tool in found],
            note="Write --tool ROLE=NAME, or --tool ROLE=NAME:VALUE for the first setting; all of them in a recipe.",
        )
    )


def run_try(tool: str, image: Path, ask: Sequence[str], settings: Sequence[str], out: Path) -> None:
    """Ask one tool one thing about an image; print what it answers and draw it."""
    role, named = tool_option(tool)
    name = named.pop("name")
    try:
        tried = try_tool(role, name, named | dict(map(_setting, settings)), image, ask)
    except ToolError as error:
        raise UserError(f"{role}={name}: {error}") from error
    for line in tried.lines:
        print(line)
    tried.drawing.save(out)
    print(f"drawn in {out}")


def _setting(text: str) -> tuple[str, object]:
    """`NAME=VALUE`, the value read as YAML."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--set {text}: write NAME=VALUE")
    return name, yaml.safe_load(value)
