"""A data set of the Hugging Face hub as plain rows, its images as bytes."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vpd.errors import UserError
from vpd.inputs.settings import HubSettings

Row = dict[str, Any]


def table(
    source: HubSettings, configuration: str | None, columns: Iterable[str], shuffle: int | None = None
) -> Iterator[Row]:
    """The rows of one configuration.

    Args:
        source: the data set.
        configuration: which of its tables.
        columns: those that are needed.
        shuffle: a seed to shuffle the rows with; where they are streamed, a thousand at a time.

    Raises:
        UserError: the data set cannot be had, or lacks a column.
    """
    if find_spec("datasets") is None:
        raise UserError("`data.hub` needs datasets; run `pip install 'vpd[train]'`")
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    where = " ".join(filter(None, (source.id, configuration, source.split)))
    try:
        found: Any = load_dataset(
            source.id,
            configuration,
            split=source.split,
            revision=source.revision,
            streaming=source.streaming,
        )
        names = found.column_names or list(next(iter(found)))
    except (OSError, ValueError, RuntimeError, DatasetsError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(f"`data.hub`: cannot load {where}: {reason}") from error
    for column in columns:
        if column not in names:
            raise UserError(
                f"`data.hub`: {where} has no column {column!r}; it has {', '.join(names)}: name the right ones in "
                "`columns`"
            )
    if shuffle is not None:
        found = found.shuffle(seed=shuffle)
    return _rows(_undecoded(found), where)


def _rows(found: Any, where: str) -> Iterator[Row]:
    from datasets.exceptions import DatasetsError

    try:
        yield from found
    except (OSError, ValueError, DatasetsError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(
            f"`data.hub`: reading {where} broke off ({reason}); the same command starts it again, with the images that "
            "are there"
        ) from error


def _undecoded(found: Any) -> Any:
    """The data set with its images as the bytes of their files."""
    from datasets import Image, List

    raw = Image(decode=False)
    for name, feature in (found.features or {}).items():
        if isinstance(feature, Image):
            found = found.cast_column(name, raw)
        elif isinstance(getattr(feature, "feature", None), Image):
            found = found.cast_column(name, List(raw))
    return found


def image_bytes(image: Any, source: str) -> bytes:
    """The content of an image in a row.

    Args:
        image: its cell in the table.
        source: the id of the data set. A row may name a file only if this is a folder here, and the file lies in it.

    Raises:
        OSError: the file cannot be read.
        ValueError: there is no image, or the row names a file that is not the data set's.
    """
    content: Any = image.get("bytes") if isinstance(image, dict) else None
    path: Any = image.get("path") if isinstance(image, dict) else None
    if content:
        return content
    if path:
        folder = Path(source).resolve()
        file = (folder / str(path)).resolve()
        if not folder.is_dir() or not file.is_relative_to(folder):
            raise ValueError(f"a row names the file {path}, which does not lie in the data set")
        return file.read_bytes()
    raise ValueError("the column holds no images")
