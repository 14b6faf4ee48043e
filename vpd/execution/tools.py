"""The tools that a recipe names, made once each."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, cast

from vision_tools import registry
from vision_tools.errors import ToolUnavailable
from vision_tools.roles import AttributeVerifier, Tool
from vpd.errors import UserError
from vpd.execution.services import KINDS, Service
from vpd.execution.settings import ToolSettings
from vpd.inputs.settings import DataSettings
from vpd.store import combine


def make_tools(tools: Mapping[str, ToolSettings], data: DataSettings) -> dict[Service, Tool]:
    """Make every tool of a recipe. Two roles with the same name and settings share one tool.

    A tool that has a setting called `annotations` or `images` is given the run's own, unless the recipe says
    otherwise. A detector that also verifies attributes does so where no one else is named for it.

    Raises:
        UserError: a tool is not known, or cannot be made here.
    """
    made: dict[str, Tool] = {}
    roles: dict[Service, Tool] = {}
    for role, named in tools.items():
        try:
            make = registry.factory(role, named.name)
            settings = named.settings | _of_the_run(make, named, data)
            key = f"{id(make)} {json.dumps(settings, sort_keys=True, default=str)}"
            if key not in made:
                made[key] = registry.create(role, named.name, settings)
        except ToolUnavailable as error:
            raise UserError(f"tool {role}={named.name}: {error}") from error
        if role in KINDS:
            roles[role] = made[key]
    detector = roles.get("detector")
    if "attributes" not in roles and isinstance(detector, AttributeVerifier):
        roles["attributes"] = detector
    return roles


def _of_the_run(make: Callable[..., Tool], named: ToolSettings, data: DataSettings) -> dict[str, Any]:
    mine: dict[str, Path | None] = {"annotations": data.annotations, "images": data.images}
    given: dict[str, Any] = {}
    for name, parameter in signature(make).parameters.items():
        if name not in mine or name in named.settings:
            continue
        if mine[name] is not None:
            given[name] = mine[name]
        elif parameter.default is Parameter.empty:
            raise ToolUnavailable(
                f"it reads {name}, and the run has none; give --{name} PATH, or `data.{name}` in the recipe"
            )
    return given


def tools_fingerprint(tools: Mapping[str, ToolSettings], data: DataSettings) -> str:
    """Changes with the settings of a tool, the run's annotations, or a file that a setting names.

    A file is known by its size and time, since weights can be large. Makes no tool: that may load a library
    for seconds, where there may be nothing to do.
    """
    parts = [f"{role} {named.model_dump_json()}" for role, named in sorted(tools.items())]
    paths = {value for named in tools.values() for value in _texts(named.settings)}
    for path in map(Path, sorted(paths)):
        if path.is_file():
            stat = path.stat()
            parts.append(f"{path.name} {stat.st_size} {stat.st_mtime_ns}")
    if tools and data.annotations and data.annotations.is_file():
        with data.annotations.open("rb") as file:
            parts.append(hashlib.file_digest(file, "sha256").hexdigest())
    return combine(*parts)


def _texts(settings: Mapping[str, Any]) -> Iterator[str]:
    """The settings that are texts, those of tools within tools included."""
    for value in settings.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(cast("Mapping[str, Any]", value))
