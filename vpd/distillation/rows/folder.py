"""The folder of an exported data set: written apart, then put in the place of an earlier export and of nothing else."""

import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from vpd.errors import UserError

_CARD = "README.md"
_MARK = "tags: [visual-program-distillation, chain-of-thought]"
"""A line that every card has."""
_FILES = (_CARD, "dataset_info.json", "train.json", "train.jsonl", "train.parquet")
_PICTURE = re.compile(r"[0-9a-f]{16}(-\d+){0,4}\.\w+")
_PART = ".vpd-export-"


@contextmanager
def replaced(folder: Path) -> Generator[Path]:
    """An empty folder to write a data set and its card into; in the end its files take the place of an earlier export.

    Files that no export wrote stay. After a crash the folder has no card, or is as it was.

    Raises:
        UserError: the folder holds files, and no earlier export wrote them; or it cannot be written.
    """
    check_free(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{_PART}*"):
            shutil.rmtree(leftover)
        with TemporaryDirectory(dir=folder, prefix=_PART) as made:
            yield Path(made)
            _remove(folder)
            _move(Path(made), folder)
    except OSError as error:
        raise UserError(f"cannot write into {folder}: {error.strerror or error}") from error


def check_free(folder: Path) -> None:
    """
    Raises:
        UserError: it is no folder that an export may write into.
    """
    try:
        held = sorted(path.name for path in folder.iterdir() if not path.name.startswith(_PART))
        card = folder / _CARD
        exported = card.is_file() and _MARK in card.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(
            f"{folder} is no folder that can be read ({error.strerror}); name another one"
        ) from error
    if held and not exported:
        raise UserError(
            f"{folder} holds files that no earlier export wrote ({held[0]}); name a new folder for the data set"
        )


def _remove(folder: Path) -> None:
    """What an earlier export wrote: first its card, without which the folder is no export's any more."""
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)
    for path in (folder / "images").glob("*"):
        if _PICTURE.fullmatch(path.name):
            path.unlink()


def _move(made: Path, folder: Path) -> None:
    """The card last: a folder that has one is whole."""
    for path in sorted(made.rglob("*"), key=lambda path: path == made / _CARD):
        if path.is_file():
            place = folder / path.relative_to(made)
            place.parent.mkdir(exist_ok=True)
            path.replace(place)
    images = folder / "images"
    if images.is_dir() and not any(images.iterdir()):
        images.rmdir()
