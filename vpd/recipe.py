"""A run's configuration: one model per stage, unknown keys refused, written down in the run directory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vpd.errors import UserError
from vpd.execution.limits import Limits


class Settings(BaseModel):
    """Settings are immutable and refuse keys that they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSettings(Settings):
    """What is asked about. Paths are relative to the recipe."""

    questions: Path
    """JSONL: `{id, image or images, question, answer or answers, answer_type, choices, source, video}`."""
    images: Path
    """The folder that image names are relative to."""
    annotations: Path | None = None
    """JSONL of known objects, `{image, width, height, objects}`, for the `annotations` tools."""
    candidates: Path | None = None
    """JSONL of programs, `{example_id or question, programs}`, where they come from elsewhere."""
    shard_size: int = Field(default=64, ge=1)
    """Questions per shard: what is committed, and redone after a crash, as one."""


class ToolSettings(BaseModel):
    """One tool: its name, and the settings that this tool knows."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class ExecutionSettings(Settings):
    """How programs run."""

    limits: Limits = Limits()
    concurrency: int = Field(default=64, ge=1)
    """Programs in flight at once, each in a process of its own: more make larger tool batches."""
    tool_seconds: float = Field(default=30.0, gt=0)
    """Time limit of one tool call; a batch may take this long for each of its calls."""


class VerificationSettings(Settings):
    """When a candidate is kept."""

    accept_score: float = Field(default=0.5, gt=0, le=1)
    """Soft accuracy from which an answer counts as correct."""


class Recipe(Settings):
    """A complete run."""

    data: DataSettings
    tools: dict[str, ToolSettings] = Field(default_factory=dict)
    """Which tool plays which role, e.g. `detector: {name: ultralytics, weights: yolov8n.pt}`."""
    execution: ExecutionSettings = ExecutionSettings()
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
