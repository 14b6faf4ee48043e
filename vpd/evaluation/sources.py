"""Where a benchmark's rows come from: the hub, streamed, or a folder in its place."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

from vpd.errors import UserError
from vpd.evaluation.benchmark import Benchmark, HubSource, ImageTable
from vpd.evaluation.rows import Row, check_columns
from vpd.store import combine

_TABLES = {".parquet": "parquet", ".jsonl": "json", ".json": "json", ".csv": "csv"}


class Rows(Protocol):
    """The rows of a data set, to be read more than once."""

    def __iter__(self) -> Iterator[Row]: ...


class Source(NamedTuple):
    """Rows, and what they were read from."""

    rows: Rows
    images: Mapping[Any, Any] | None
    """By id, where they lie in a table of their own."""
    folder: Path | None
    """What image paths are relative to; None for the hub."""
    hub_id: str | None
    where: str
    """For messages."""


def open_source(benchmark: Benchmark, data: Path | None) -> Source:
    """Open the rows of a benchmark and check that all its columns are there.

    Args:
        benchmark: names the hub's data set.
        data: a folder with the same tables, in place of the hub: as `save_to_disk` writes them, or Parquet, JSONL
            or CSV files, each configuration in a subfolder of its name where there are several.

    Raises:
        UserError: there is no such data set or folder, it is empty, or a column is missing.
    """
    hub = benchmark.hub
    if hub is None:
        raise UserError(
            f"{benchmark.name} is no data set of the hub; give its folder with --data FOLDER (questions.jsonl and "
            "the images it names)"
        )
    _require_datasets(benchmark)
    if data is not None:
        rows, folder, hub_id = _local(data, hub.config, hub.split), _part(data, hub.config), None
        where = str(folder)
    else:
        hub_id, rows = _from_hub(hub)
        folder, where = None, f"{hub_id} ({hub.config or 'default'}, {hub.split})"
    rows = _undecoded(rows)
    first = next(iter(rows), None)
    if first is None:
        raise UserError(f"{where} holds no rows")
    check_columns(benchmark, list(first), where)
    images = None if hub.images is None else _image_table(benchmark, hub.images, data, hub_id)
    return Source(rows, images, folder, hub_id, where)


def data_fingerprint(benchmark: Benchmark, data: Path | None) -> str:
    """Changes when a file of the local copy does, by size or time; the hub's is known by its definition alone, so
    that what was read once needs no network."""
    hub = benchmark.hub
    if data is None or hub is None:
        return "hub"
    parts = [_part(data, hub.config), *([_part(data, hub.images.config)] if hub.images else [])]
    return combine(*map(_folder_fingerprint, parts))


def _from_hub(hub: HubSource) -> tuple[str, Any]:
    """The first of the ids that there is."""
    from datasets import load_dataset

    problems: list[str] = []
    for name in hub.ids:
        try:
            return name, load_dataset(
                name, hub.config, split=hub.split, revision=hub.revision, streaming=True
            )
        except Exception as error:  # noqa: BLE001 - the library raises whatever a missing data set leads it into
            problems.append(f"{name}: {_first_line(error)}")
    raise UserError(
        f"cannot load {' or '.join(hub.ids)} from the hub; give a local copy with --data FOLDER "
        f"({'; '.join(problems)})"
    )


def _local(folder: Path, config: str | None, split: str) -> Any:
    """A table of a folder that stands in for the hub's.

    Raises:
        UserError: there is no folder, or no table of that split in it.
    """
    from datasets import DatasetDict, load_dataset, load_from_disk

    part = _part(folder, config)
    if not part.is_dir():
        raise UserError(f"there is no folder {part}")
    try:
        if (part / "dataset_dict.json").exists() or (part / "state.json").exists():
            loaded = load_from_disk(str(part))
            if not isinstance(loaded, DatasetDict):
                return loaded
            if split not in loaded:
                raise UserError(f"{part} has no split {split!r}; it has {', '.join(map(str, loaded))}")
            return loaded[split]
        kind, files = _table_files(part, split)
        return load_dataset(kind, data_files=[str(file) for file in files], split="train", streaming=True)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"cannot read the data set in {part}: {_first_line(error)}") from error


def _table_files(folder: Path, split: str) -> tuple[str, list[Path]]:
    """The files of one kind; those named after the split, where there are such."""
    for suffix, kind in _TABLES.items():
        files = sorted(folder.rglob(f"*{suffix}"))
        named = [file for file in files if file.name.startswith(split)]
        if files:
            return kind, named or files
    raise UserError(f"{folder} holds no Parquet, JSONL or CSV file, and nothing that save_to_disk wrote")


def _part(folder: Path, config: str | None) -> Path:
    return folder / config if config and (folder / config).is_dir() else folder


def _undecoded(rows: Any) -> Any:
    """The same with images as their files' bytes: nothing is decoded to be encoded again."""
    from datasets import Image as ImageFeature

    for name, feature in (rows.features or {}).items():
        if isinstance(feature, ImageFeature):
            rows = rows.cast_column(name, ImageFeature(decode=False))
    return rows


def _image_table(
    benchmark: Benchmark, table: ImageTable, data: Path | None, hub_id: str | None
) -> dict[Any, Any]:
    from datasets import load_dataset

    if data is not None:
        rows = _local(data, table.config, table.split)
    else:
        revision = benchmark.hub.revision if benchmark.hub else None
        rows = load_dataset(hub_id or "", table.config, split=table.split, revision=revision, streaming=True)
    rows = iter(_undecoded(rows))
    first = next(rows, None)
    missing = [name for name in (table.id, table.image) if first is None or name not in first]
    if missing:
        found = ", ".join(f"`{name}`" for name in first or ())
        raise UserError(
            f"the images of {benchmark.name} ({table.config}) have no column {' or '.join(missing)}; found "
            f"{found or 'no rows'}; correct `hub.images` in the benchmark's definition, or the data"
        )
    return {row[table.id]: row[table.image] for row in chain([first or {}], rows)}


def _folder_fingerprint(folder: Path) -> str:
    """Changes when a file of the folder does, by size or time."""
    parts: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            stat = file.stat()
            parts.append(f"{file.relative_to(folder)} {stat.st_size} {stat.st_mtime_ns}")
    return combine(*parts)


def json_lines(path: Path) -> Iterable[dict[str, Any]]:
    """The objects of a JSONL file.

    Raises:
        UserError: it cannot be read, or a line is no JSON object.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    value: Any = json.loads(line)
                    if not isinstance(value, dict):
                        raise UserError(f"{path}, line {number}: this is no JSON object")
                    yield cast("dict[str, Any]", value)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise UserError(f"{path} holds a line that is not JSON: {error}") from error


def _require_datasets(benchmark: Benchmark) -> None:
    from importlib.util import find_spec

    if find_spec("datasets") is None:
        raise UserError(
            f"reading {benchmark.name} needs the package `datasets`; pip install 'vpd[train]' brings it"
        )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
