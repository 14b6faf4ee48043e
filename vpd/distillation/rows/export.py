"""Training rows as files: Parquet, JSON lines with an image folder, and the forms of other trainers."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from vpd.distillation.rows.dataset import Part, messages, parts, to_dataset
from vpd.distillation.rows.pictures import picture
from vpd.errors import UserError
from vpd.records import TrainingRow, View

Format = Literal["parquet", "jsonl", "llava", "llamafactory"]

_SPEAKERS = {"user": "human", "assistant": "gpt", "system": "system"}

_PLACEHOLDER = "<image>"


def export_rows(rows: Iterable[TrainingRow], image_root: Path, folder: Path, form: Format) -> Path:
    """Write training rows into a folder.

    `parquet` embeds the pictures; TRL reads it. The others write each picture once into `images/`, and name it
    relative to the folder. `jsonl` has one object a line with the columns of `to_dataset`. The last two know no
    masked spans, and have `<image>` in the text where a picture stands: `llava` is one JSON list of `{id, image,
    conversations: [{from, value}]}`; `llamafactory` has `{messages: [{role, content, loss}], images}` a line, and
    the `dataset_info.json` by which LLaMA-Factory finds it. ms-swift reads the same lines, and by `loss` leaves
    out the turns in which something is masked.

    Args:
        rows: what to write; for `parquet` they are gone through twice. However many there are, few are in memory.
        image_root: what the rows' image names are relative to.
        folder: where to.
        form: one of the above.

    Returns:
        The file that holds the rows.

    Raises:
        UserError: an image cannot be read; or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if form == "parquet":
            file = folder / "train.parquet"
            with TemporaryDirectory(dir=folder) as cache:
                to_dataset(rows, image_root, Path(cache)).to_parquet(str(file))
            return file
        images = _ImageFolder(image_root, folder)
        if form == "llava":
            file = folder / "train.json"
            _write_list(file, (_llava(row, images.of(row)) for row in rows))
            return file
        file = folder / "train.jsonl"
        line = _json_line if form == "jsonl" else _llama_factory
        _write_lines(file, (line(row, images.of(row)) for row in rows))
        if form == "llamafactory":
            told = json.dumps(_LLAMA_FACTORY, indent=2) + "\n"
            (folder / "dataset_info.json").write_text(told, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write into {folder}: {error.strerror or error}") from error
    return file


class _ImageFolder:
    """Writes pictures, each once."""

    def __init__(self, image_root: Path, folder: Path) -> None:
        self._image_root = image_root
        self._folder = folder
        self._written: dict[View, str] = {}
        (folder / "images").mkdir(exist_ok=True)

    def of(self, row: TrainingRow) -> list[str]:
        """The names of a row's pictures, relative to the folder."""
        return [self._name(view, row.id) for view in row.images]

    def _name(self, view: View, row: str) -> str:
        if view not in self._written:
            shown = picture(view, self._image_root, row)
            name = f"images/{shown.name}"
            (self._folder / name).write_bytes(shown.content)
            self._written[view] = name
        return self._written[view]


def _write_lines(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _write_list(file: Path, items: Iterable[dict[str, Any]]) -> None:
    """One JSON list, an element a line."""
    with file.open("w", encoding="utf-8") as out:
        before = "["
        for item in items:
            out.write(f"{before}\n{json.dumps(item, ensure_ascii=False)}")
            before = ","
        out.write("\n]\n" if before == "," else "[]\n")


def _json_line(row: TrainingRow, images: Sequence[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "example_id": row.example_id,
        "task": row.task,
        # Every content as parts, since a column has one type.
        "messages": [m | {"content": [_filled(part) for part in parts(m["content"])]} for m in messages(row)],
        "images": list(images),
        "masked": [span.model_dump() for span in row.masked],
        "weight": row.weight,
        "provenance": row.provenance,
    }


def _filled(part: Part) -> Part:
    return {name: value for name, value in part.items() if value is not None}


def _llava(row: TrainingRow, images: Sequence[str]) -> dict[str, Any]:
    image: dict[str, Any] = {"image": images[0] if len(images) == 1 else list(images)} if images else {}
    # LLaVA puts each image on a line of its own.
    conversations = [
        {"from": _SPEAKERS[m["role"]], "value": _text(m["content"], f"{_PLACEHOLDER}\n")}
        for m in messages(row)
    ]
    return {"id": row.id, **image, "conversations": conversations}


_LLAMA_FACTORY = {
    "vpd": {
        "file_name": "train.jsonl",
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "images": "images"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "system_tag": "system",
        },
    }
}


def _llama_factory(row: TrainingRow, images: Sequence[str]) -> dict[str, Any]:
    masked = {span.message for span in row.masked}
    told = [
        {
            "role": m["role"],
            "content": _text(m["content"], _PLACEHOLDER),
            "loss": m["role"] == "assistant" and number not in masked,
        }
        for number, m in enumerate(messages(row))
    ]
    return {"messages": told, "images": list(images)}


def _text(content: str | list[dict[str, str | None]], placeholder: str) -> str:
    return "".join(_pieces(content, placeholder))


def _pieces(content: str | list[dict[str, str | None]], placeholder: str) -> Iterator[str]:
    for part in parts(content):
        if part["type"] == "image":
            yield placeholder
        else:
            # A question that speaks of the mark itself must not be taken for a picture.
            yield (part["text"] or "").replace(_PLACEHOLDER, "image")
