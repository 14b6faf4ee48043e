"""Which checkpoints can be trusted: a mark is written into each once all of it is on disk."""

import os
import shutil
from pathlib import Path

_MARK = "complete"
_PREFIX = "checkpoint-"


def mark(checkpoint: Path) -> None:
    """Say that a checkpoint is whole; called when every process has written its part."""
    for file in checkpoint.rglob("*"):
        _sync(file)
    (checkpoint / _MARK).touch()
    _sync(checkpoint)


def newest(folder: Path) -> Path | None:
    """The last whole checkpoint. What a crash left half written, or newer than it, is removed."""
    found = sorted(folder.glob(f"{_PREFIX}*"), key=step, reverse=True)
    while found and not (found[0] / _MARK).exists():
        shutil.rmtree(found.pop(0))
    return found[0] if found else None


def step(checkpoint: Path) -> int:
    """After how many optimiser steps it was written."""
    return int(checkpoint.name.removeprefix(_PREFIX))


def path(folder: Path, steps: int) -> Path:
    return folder / f"{_PREFIX}{steps}"


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
