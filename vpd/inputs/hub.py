"""Data sets of the Hugging Face hub → a questions file and an image folder, fetched once."""

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from vpd.errors import UserError
from vpd.inputs.hub_tables import Row, image_bytes, table
from vpd.inputs.images import save_image
from vpd.inputs.settings import DataSettings, HubSettings
from vpd.progress import progress


def fetch(data: DataSettings, limit: int | None = None) -> None:
    """Write `data.questions` and the images it names, unless that was done before for the same data sets.

    Images are written once, named by their content; a fetch that broke off keeps them.

    Args:
        data: names the data sets, the file and the folder.
        limit: fetch the first so many questions only; a later call fetches the others.

    Raises:
        UserError: a data set cannot be had, lacks a column, or the file is there but was not made so.
    """
    mark = data.questions.with_name(f"{data.questions.name}.hub.json")
    wanted = {"hub": [source.model_dump(mode="json") for source in data.hub], "limit": limit}
    if data.questions.exists():
        if not mark.exists():
            raise UserError(
                f"{data.questions} is there, but was not made from `data.hub`; leave that out of the recipe, or name "
                "another file for `data.questions`"
            )
        if _suffices(json.loads(mark.read_text(encoding="utf-8")), wanted):
            return
    for folder in (data.images, data.questions.parent):
        folder.mkdir(parents=True, exist_ok=True)
    part = data.questions.with_name(f".{data.questions.name}.part")
    with part.open("w", encoding="utf-8") as file:
        left = limit
        for source in data.hub:
            with progress(f"fetch {_name(source)}", _smaller(source.limit, left) or 0) as advance:
                count = 0
                for row in _questions(source, data.images, _smaller(source.limit, left)):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    count += 1
                    advance(1)
            left = None if left is None else left - count
            if left == 0:
                break
    # In this order, a crash leaves no file without its mark, which would be taken for the user's own, and no old file
    # beside a new mark.
    data.questions.unlink(missing_ok=True)
    mark.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")
    part.replace(data.questions)


def _suffices(made: dict[str, Any], wanted: dict[str, Any]) -> bool:
    enough = made["limit"] is None or (wanted["limit"] is not None and wanted["limit"] <= made["limit"])
    return made["hub"] == wanted["hub"] and enough


def _smaller(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _name(source: HubSettings) -> str:
    return source.source or source.id.rstrip("/").rsplit("/", 1)[-1]


class _Asked(NamedTuple):
    """A question as the questions file has it, and its images: themselves, or their names."""

    row: Row
    images: list[Any]


def _questions(source: HubSettings, folder: Path, limit: int | None) -> Iterator[Row]:
    """Rows of the questions file, with their images in the folder."""
    asked = islice(_asked(source), limit)
    if source.images is None:
        for each in asked:
            yield each.row | {"images": [_save(image, folder, source) for image in each.images]}
        return
    # The images come in an order of their own: first all questions are known, then what they show is looked for.
    kept = list(asked)
    saved = _apart(source, {str(name) for each in kept for name in each.images}, folder)
    for each in kept:
        yield each.row | {"images": [saved[str(name)] for name in each.images]}


def _asked(source: HubSettings) -> Iterator[_Asked]:
    columns, inner = source.columns, _inner(source)
    needed = [columns.image, *([columns.rows] if columns.rows else inner)]
    number = 0
    for row in table(source, source.configuration, needed, source.shuffle):
        images = row[columns.image] if isinstance(row[columns.image], list) else [row[columns.image]]
        for question in row[columns.rows] if columns.rows else [row]:
            if absent := [name for name in inner if name not in question]:
                raise UserError(
                    f"`data.hub`: the elements of {columns.rows!r} in {source.id} have no {absent[0]!r}; they have "
                    f"{', '.join(question)}: name the right ones in `columns`"
                )
            yield _Asked(_question(source, question, number), images)
            number += 1


def _inner(source: HubSettings) -> list[str]:
    """The columns of a question."""
    columns = source.columns
    return [name for name in (columns.question, columns.answers, columns.id, columns.choices) if name]


def _question(source: HubSettings, given: Row, number: int) -> Row:
    columns = source.columns
    choices = _choices(given[columns.choices], source) if columns.choices else []
    answers = _answers(given[columns.answers], choices) if columns.answers else []
    question = str(given[columns.question]).strip()
    if source.instructed:
        question = question.split("\n")[0].strip()
        answers = [answer.strip().removesuffix(".") for answer in answers]
    row: Row = {
        "id": f"{_name(source)}-{given[columns.id] if columns.id else number}",
        "question": question,
        "answers": answers,
        "source": _name(source),
    }
    if source.answer_type is not None:
        row["answer_type"] = source.answer_type
    return row | ({"choices": choices} if choices else {})


def _choices(value: Any, source: HubSettings) -> list[str]:
    if isinstance(value, dict):  # ARC's {text, label}
        value = value.get("text")
    if value is None:
        return []
    if not isinstance(value, list):
        raise UserError(
            f"`data.hub`: {source.id}: the column {source.columns.choices!r} holds no list of choices; name the right "
            "column in `columns`"
        )
    return [str(choice) for choice in value]


def _answers(value: Any, choices: Sequence[str]) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [answer for each in value for answer in _answers(each, choices)]
    if isinstance(value, dict):  # VQAv2's {answer, answer_confidence, answer_id}
        return _answers(value.get("answer"), choices)
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, int) and choices:
        return [choices[value]] if 0 <= value < len(choices) else []
    return [str(value)]


def _apart(source: HubSettings, names: AbstractSet[str], folder: Path) -> dict[str, str]:
    """The files of images by name, from the table that holds them."""
    assert source.images is not None
    images = source.images
    saved: dict[str, str] = {}
    for row in table(source, images.configuration, (images.name, images.image)):
        if str(row[images.name]) in names:
            saved[str(row[images.name])] = _save(row[images.image], folder, source)
            if len(saved) == len(names):
                break
    if absent := sorted(names - saved.keys()):
        raise UserError(
            f"`data.hub`: {source.id} {images.configuration} has no image {absent[0]}, which a question shows"
        )
    return saved


def _save(image: Any, folder: Path, source: HubSettings) -> str:
    try:
        return save_image(image_bytes(image, source.id), folder)
    except (OSError, ValueError) as error:
        raise UserError(f"`data.hub`: {source.id}: {error}; name the right column in `columns`") from error
