"""A run's configuration: the settings of every stage, as one YAML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from vpd.errors import UserError
from vpd.execution.settings import ExecutionSettings, ToolSettings
from vpd.inputs.settings import DataSettings
from vpd.sampling.settings import SamplingSettings
from vpd.settings import Settings
from vpd.verification.settings import VerificationSettings


class Recipe(Settings):
    """A complete run."""

    data: DataSettings
    tools: dict[str, ToolSettings] = Field(default_factory=dict)
    """Which tool plays which role, e.g. `detector: {name: ultralytics, weights: yolov8n.pt}`."""
    execution: ExecutionSettings = ExecutionSettings()
    sampling: SamplingSettings | None = None
    """How candidate programs are drawn; not needed where they come from a file."""
    verification: VerificationSettings = VerificationSettings()


def load_recipe(path: Path) -> Recipe:
    """Read a recipe from YAML.

    Raises:
        UserError: the file cannot be read, is not YAML, or holds an unknown key or an impossible value.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot read the recipe {path}: {error.strerror}") from error
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise UserError(f"{path} holds no recipe: it must be a mapping with a `data` section")
    return parse_recipe(values, where=str(path), base=path.parent)


def parse_recipe(values: dict[str, Any], where: str, base: Path) -> Recipe:
    """Validate a recipe; `base` is what its relative paths are relative to.

    Raises:
        UserError: an unknown key or an impossible value, named by its place in `where`.
    """
    try:
        recipe = Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        more = f" ({error.error_count() - 1} more like it)" if error.error_count() > 1 else ""
        raise UserError(f"{where}: `{place}`: {first['msg'].lower()}{more}") from error
    return recipe.model_copy(update={"data": _data(recipe.data, base), "tools": _tools(recipe.tools, base)})


def _data(data: DataSettings, base: Path) -> DataSettings:
    paths = {name: (base / value).resolve() for name, value in data if isinstance(value, Path)}
    return data.model_copy(update=paths)


def _tools(tools: Mapping[str, ToolSettings], base: Path) -> dict[str, ToolSettings]:
    """A setting that names a file is made absolute; a model's name on a hub stays as it is."""
    return {
        role: tool.model_copy(
            update={
                name: str((base / value).resolve())
                for name, value in tool.settings.items()
                if isinstance(value, str) and (base / value).is_file()
            }
        )
        for role, tool in tools.items()
    }
