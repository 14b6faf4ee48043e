"""A run's configuration: the settings of every stage, as one YAML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import Field, ValidationError

from vpd.distillation.settings import DistillationSettings
from vpd.errors import UserError
from vpd.evaluation.settings import EvaluationSettings
from vpd.execution.settings import ExecutionSettings, ToolSettings
from vpd.inputs.settings import DataSettings
from vpd.language_models.settings import OpenAISettings, TransformersSettings
from vpd.sampling.settings import SamplingSettings
from vpd.settings import Settings
from vpd.training.settings import FinetuneSettings
from vpd.verification.settings import VerificationSettings

M = TypeVar("M", bound=OpenAISettings | TransformersSettings | FinetuneSettings)


class Recipe(Settings):
    """A complete run."""

    data: DataSettings
    tools: dict[str, ToolSettings] = Field(default_factory=dict)
    """Which tool plays which role, e.g. `detector: {name: ultralytics, weights: yolov8n.pt}`."""
    execution: ExecutionSettings = ExecutionSettings()
    sampling: SamplingSettings | None = None
    """How candidate programs are drawn; not needed where they come from a file."""
    verification: VerificationSettings = VerificationSettings()
    distillation: DistillationSettings = DistillationSettings()
    finetune: FinetuneSettings | None = None
    """How a student is trained."""
    evaluation: EvaluationSettings | None = None
    """On which questions the student is compared with its twin, its base and the programs."""


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
        # A misspelt setting first: what it should have been is then missing, too.
        errors = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
        place = ".".join(str(part) for part in errors[0]["loc"])
        wrong = (
            "there is no such setting" if errors[0]["type"] == "extra_forbidden" else errors[0]["msg"].lower()
        )
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        raise UserError(f"{where}: `{place}`: {wrong}{more}") from error
    return recipe.model_copy(
        update={
            "data": _data(recipe.data, base),
            "tools": _tools(recipe.tools, base),
            "sampling": recipe.sampling
            and recipe.sampling.model_copy(update={"model": _model(recipe.sampling.model, base)}),
            "finetune": recipe.finetune and _model(recipe.finetune, base),
            "evaluation": recipe.evaluation and _evaluation(recipe.evaluation, base),
        }
    )


def _data(data: DataSettings, base: Path) -> DataSettings:
    paths = {name: (base / value).resolve() for name, value in data if isinstance(value, Path)}
    hub = tuple(each.model_copy(update={"id": _folder(each.id, base)}) for each in data.hub)
    return data.model_copy(update=paths | {"hub": hub})


def _evaluation(settings: EvaluationSettings, base: Path) -> EvaluationSettings:
    """A benchmark that is no file is one that is known by name."""
    named = settings.benchmark
    is_file = Path(named).suffix in (".yaml", ".yml", ".jsonl")
    data = settings.data and (base / settings.data).resolve()
    return settings.model_copy(
        update={"benchmark": str((base / named).resolve()) if is_file else named, "data": data}
    )


def _model(settings: M, base: Path) -> M:
    """With the folder of its model made absolute."""
    return settings.model_copy(update={"model": _folder(settings.model, base)})


def _folder(name: str, base: Path) -> str:
    """The absolute path of a folder; a name on a hub stays as it is."""
    return str((base / name).resolve()) if (base / name).is_dir() else name


def _tools(tools: Mapping[str, ToolSettings], base: Path) -> dict[str, ToolSettings]:
    """A setting that names a file or a folder is made absolute; a model's name on a hub stays as it is."""

    def placed(value: Any) -> Any:
        if isinstance(value, dict):  # the settings of another tool that this one uses
            return {name: placed(each) for name, each in cast("dict[str, Any]", value).items()}
        if not isinstance(value, str):
            return value
        if (base / value).is_file():
            return str((base / value).resolve())
        return _folder(value, base) if "/" in value else value

    return {role: tool.model_copy(update=placed(tool.settings)) for role, tool in tools.items()}
