"""Who is evaluated: a model, an endpoint or a run's programs, as the command line names them."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml
from pydantic import ValidationError

from vpd.errors import UserError
from vpd.language_models.settings import OpenAISettings

Kind = Literal["local", "endpoint", "programs"]


class Source(NamedTuple):
    """A model or a run, before it is said how it is to answer."""

    name: str
    kind: Kind
    where: str
    """Hub id, folder, or what an endpoint is known by."""
    endpoint: OpenAISettings | None = None


def read_source(text: str) -> Source:
    """`[NAME=]WHERE` → who is evaluated.

    WHERE is a run directory (its programs), a folder with a model or an adapter or with `adapter/` or `model/` in
    it, `MODEL@URL` for an endpoint, a YAML file with an endpoint's settings, or a model's name on the hub.

    Raises:
        UserError: it is none of these.
    """
    name, equals, where = text.partition("=")
    if not equals or "/" in name or "@" in name:
        name, where = "", text
    path = Path(where)
    if path.suffix in (".yaml", ".yml"):
        settings = _settings(path)
        return Source(name or path.stem, "endpoint", f"{settings.model}@{settings.base_url}", settings)
    model, at, url = where.partition("@http")
    if at:
        url = f"http{url}"
        settings = _endpoint({"model": model, "base_url": url, "api_key_env": _key_variable(url)}, text)
        return Source(name or model.rsplit("/", 1)[-1], "endpoint", where, settings)
    if where and path.is_dir():
        if (path / "recipe.yaml").exists():
            return Source(name or "programs", "programs", where)
        return Source(name or _folder_name(path), "local", str(_model_folder(path)))
    # A name on the hub has the form owner/name; an owner that is a folder here was meant to be one.
    is_path = where.startswith((".", "/", "~")) or where.count("/") > 1
    if not where or is_path or (path.parts[0] != where and Path(path.parts[0]).is_dir()):
        raise UserError(f"there is no model or run at {where!r}")
    return Source(name or where.rsplit("/", 1)[-1], "local", where)


def _model_folder(path: Path) -> Path:
    for folder in (path, path / "adapter", path / "model"):
        if (folder / "config.json").exists() or (folder / "adapter_config.json").exists():
            return folder
    raise UserError(
        f"{path} holds neither a model (config.json), nor an adapter (adapter_config.json), nor a run (recipe.yaml)"
    )


def _folder_name(path: Path) -> str:
    path = path.resolve()
    return path.parent.name if path.name in ("adapter", "model", "merged") else path.name


def _settings(path: Path) -> OpenAISettings:
    try:
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text") from error
    return _endpoint(values, str(path))


def _endpoint(values: Any, where: str) -> OpenAISettings:
    try:
        return OpenAISettings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the settings"
        raise UserError(f"{where}: `{place}`: {first['msg'].lower()}") from error


def _key_variable(url: str) -> str | None:
    """OpenAI's own endpoint needs a key; a server of one's own mostly none, and a YAML file names it where it does."""
    return "OPENAI_API_KEY" if "api.openai.com" in url else None
