"""Where the caches are: one folder for all runs of a user, unless `--cache` names another."""

from pathlib import Path

from vpd.errors import UserError


def response_cache(folder: Path | None) -> Path:
    """The file of the language models' replies."""
    return _folder(folder) / "responses.sqlite"


def tool_cache(folder: Path | None) -> Path:
    """The file of the tools' results. `vpd verify` may name the file itself."""
    if folder is not None and folder.suffix == ".sqlite":
        return folder
    return _folder(folder) / "tools.sqlite"


def _folder(folder: Path | None) -> Path:
    if folder is None:
        from platformdirs import user_cache_path

        return user_cache_path("vpd")
    if folder.suffix == ".sqlite" or folder.is_file():
        raise UserError(f"--cache {folder} is a file; name a folder, in which there are several")
    return folder
