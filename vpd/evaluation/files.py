"""Files that exist whole or not at all."""

from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and the folder it lies in; after a crash it is there as it was before, or as it is now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = partial(path)
    temporary.write_bytes(content)
    temporary.replace(path)


def partial(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(f".{path.name}.partial")
