"""Training rows that were exported → records: JSON lines with image files, or Parquet with embedded images."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from vpd.errors import UserError
from vpd.inputs.images import save_image
from vpd.inputs.jsonl import lines, parse
from vpd.inputs.questions import describe_image
from vpd.records import ImageFile, TrainingRow


class TrainingRows(NamedTuple):
    """Training rows, and the folder that their image names are relative to."""

    rows: list[TrainingRow]
    image_root: Path


def read_training_rows(path: Path, image_root: Path, unpacked: Path) -> TrainingRows:
    """Read rows from a file, or from those in a folder.

    Three forms are read: a run's own records as JSON lines; a data set as JSON lines, with `messages` and the names
    of `images`, a picture each, relative to the file; and a data set as Parquet, its images embedded.

    Args:
        path: a JSONL or Parquet file, or a folder that holds some.
        image_root: what the images of a run's own records are relative to.
        unpacked: the folder that embedded images are written to.

    Raises:
        UserError: there are no rows, a row is malformed, or an image cannot be read.
    """
    files = _files(path)
    if files[0].suffix == ".parquet":
        return TrainingRows([row for file in files for row in _from_parquet(file, unpacked)], unpacked)
    described: dict[str, ImageFile] = {}

    def describe(name: str) -> ImageFile:
        if name not in described:
            described[name] = describe_image(files[0].parent, name)
        return described[name]

    rows = [
        parse(line, file, TrainingRow, lambda value: _record(value, describe))
        for file in files
        for line in lines(file)
    ]
    return TrainingRows(rows, files[0].parent if described else image_root)


_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATASET_COLUMNS = ("id", "example_id", "task", "messages", "masked", "weight", "provenance")


def _record(value: Any, describe: Callable[[str], ImageFile]) -> Any:
    """A data set's row in the form of a record; what is one already stays."""
    if not isinstance(value, dict):
        raise ValueError("a training row must be a JSON object")
    row = cast("dict[str, Any]", value)
    images: Any = row.get("images") or []
    if not isinstance(images, list):
        raise ValueError("`images` must be a list")
    _check_messages(row.get("messages"))
    if any(isinstance(image, dict) for image in images):
        return _own(row)
    record = {name: row[name] for name in _DATASET_COLUMNS if row.get(name) is not None}
    record.setdefault("example_id", record.get("id"))
    return record | {"images": [{"image": describe(str(name))} for name in images]}


def _own(value: dict[str, Any]) -> TrainingRow:
    """A run's own record, which names its images by path and content: nothing outside of the image folder."""
    row = TrainingRow.model_validate(value)
    for view in row.images:
        path = PurePosixPath(view.image.path)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"the image {path} lies outside the image folder")
        if not _SHA256.fullmatch(view.image.sha256):
            raise ValueError(f"the `sha256` of the image {path} is none: {view.image.sha256!r}")
    return row


def _check_messages(messages: Any) -> None:
    """
    Raises:
        ValueError: they are not the messages of a conversation.
    """
    given: list[Any] = messages if isinstance(messages, list) else [None]
    for each in given:
        content = each.get("content") if isinstance(each, dict) else None
        parts: list[Any] = content if isinstance(content, list) else [content]
        whole = isinstance(content, str) or (
            isinstance(content, list) and all(isinstance(part, dict) and "type" in part for part in parts)
        )
        if not whole or not isinstance(each.get("role"), str):
            raise ValueError(
                "`messages` must be a list of `{role, content}`, where `content` is a text or a list of parts, "
                '`{type: "text", text}` or `{type: "image"}`'
            )


def _from_parquet(file: Path, unpacked: Path) -> Iterator[TrainingRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        batches = pq.ParquetFile(file).iter_batches(64)
        for number, row in enumerate((row for batch in batches for row in batch.to_pylist()), start=1):
            try:
                record = _record(_plain(row, unpacked), lambda name: describe_image(unpacked, name))
                yield TrainingRow.model_validate(record)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                place = ".".join(str(part) for part in first["loc"])
                raise UserError(f"{file}, row {number}: `{place}`: {first['msg'].lower()}") from error
            except ValueError as error:
                raise UserError(f"{file}, row {number}: {error}") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"cannot read {file}: {error}") from error


def _plain(row: dict[str, Any], unpacked: Path) -> dict[str, Any]:
    """A row of a Parquet file as a row of a JSONL file: images written to files, columns' empty fields left out."""
    _check_messages(row.get("messages"))
    messages = [
        {"role": message["role"], "content": _filled(message["content"])} for message in row["messages"]
    ]
    images: Any = row.get("images") or []
    if not isinstance(images, list):
        raise ValueError("`images` must be a list")
    provenance = row.get("provenance")
    return {
        **row,
        "messages": messages,
        "images": [_unpack(image, unpacked) for image in images],
        "provenance": json.loads(provenance) if isinstance(provenance, str) else provenance,
    }


def _filled(content: str | list[dict[str, Any]]) -> Any:
    if isinstance(content, str):
        return content
    return [{name: value for name, value in part.items() if value is not None} for part in content]


def _unpack(image: Any, folder: Path) -> str:
    content = image.get("bytes") if isinstance(image, dict) else None
    if not isinstance(content, bytes):
        raise ValueError("an image is not embedded; write the data set with its images' bytes")
    return save_image(content, folder)


def _files(path: Path) -> list[Path]:
    if path.is_file() and path.suffix in {".jsonl", ".parquet"}:
        return [path]
    kinds = [files for files in (sorted(path.glob("*.jsonl")), sorted(path.rglob("*.parquet"))) if files]
    if not kinds:
        raise UserError(
            f"{path} holds no training rows: give a .jsonl or .parquet file, or a folder with some"
        )
    if len(kinds) > 1:
        raise UserError(
            f"{path} holds both {kinds[0][0].name} and {kinds[1][0].name}; name the file to learn from"
        )
    return kinds[0]
