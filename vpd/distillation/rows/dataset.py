"""Training rows as a Hugging Face data set: `messages` and `images`, as TRL, LLaMA-Factory and ms-swift read them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from vpd.distillation.rows.pictures import Picture, picture
from vpd.errors import UserError
from vpd.records import TrainingRow

if TYPE_CHECKING:
    from datasets import Dataset

Part = dict[str, str | None]


def to_dataset(rows: Iterable[TrainingRow], image_root: Path, cache: Path | None = None) -> "Dataset":
    """A data set of training rows, its images embedded, crops at their real pixels.

    Columns: `id`, `example_id`, `task`; `messages`, `[{role, content: [{type, text}]}]`, where each part of type
    `image` stands for the next of `images`; `images`, on every row, possibly empty; `masked`, `[{message, start,
    end}]`, characters of the assistant's messages without loss; `weight`; `provenance`, as JSON.

    Args:
        rows: what to convert; they are gone through twice, one at a time.
        image_root: what the rows' image names are relative to.
        cache: the folder that the data set's file is written to; None for that of the `datasets` library.

    Raises:
        UserError: an image cannot be read, or has changed since the row was made.
    """
    from datasets import Dataset, disable_progress_bars
    from datasets.exceptions import DatasetGenerationError

    disable_progress_bars()  # the terminal is the command's

    def generate() -> Iterator[dict[str, Any]]:
        for row in rows:
            yield encoded(row, image_root)

    # Everything that the data set depends on, so that the library need not find out for itself.
    content = hashlib.sha256(str(image_root.resolve()).encode())
    for row in rows:
        content.update(row.model_dump_json().encode())
    where: dict[str, Any] = {} if cache is None else {"cache_dir": str(cache)}
    try:
        # From a generator, rows go to disk as they are made.
        return Dataset.from_generator(
            generate, features=_features(), fingerprint=content.hexdigest()[:32], **where
        )
    except DatasetGenerationError as error:
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        raise


def encoded(row: TrainingRow, image_root: Path) -> dict[str, Any]:
    """One row of the data set."""
    return {
        "id": row.id,
        "example_id": row.example_id,
        "task": row.task,
        "messages": [{"role": m["role"], "content": parts(m["content"])} for m in messages(row)],
        "images": [_embedded(picture(view, image_root, row.id)) for view in row.images],
        "masked": [span.model_dump() for span in row.masked],
        "weight": row.weight,
        "provenance": json.dumps(row.provenance, ensure_ascii=False, sort_keys=True),
    }


def _embedded(shown: Picture) -> dict[str, Any]:
    return {"bytes": shown.content, "path": shown.name}


def messages(row: TrainingRow) -> list[dict[str, Any]]:
    """The row's conversation."""
    return cast("list[dict[str, Any]]", row.messages)


def parts(content: str | list[Part]) -> list[Part]:
    """A message's content as parts of one form, since a column has one type."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [{"type": part["type"], "text": part.get("text")} for part in content]


def _features() -> Any:
    from datasets import Features, Image, List, Value

    text = Value("string")
    part = {"type": text, "text": text}
    span = {"message": Value("int64"), "start": Value("int64"), "end": Value("int64")}
    return Features({
        "id": text,
        "example_id": text,
        "task": text,
        "messages": List({"role": text, "content": List(part)}),
        "images": List(Image()),
        "masked": List(span),
        "weight": Value("float64"),
        "provenance": text,
    })  # fmt: skip
