"""JSON Lines, read one line at a time; a mistake names its file and line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from vpd.errors import UserError

M = TypeVar("M", bound=BaseModel)


class Line(NamedTuple):
    number: int
    offset: int
    """Where the line begins in the file, in bytes."""
    text: bytes


def lines(path: Path, start: Line | None = None) -> Iterator[Line]:
    """The lines of a file that are not blank, from `start` (inclusive) on.

    Raises:
        UserError: the file cannot be read.
    """
    first, offset = (start.number, start.offset) if start else (1, 0)
    try:
        with path.open("rb") as file:
            file.seek(offset)
            for number, text in enumerate(file, start=first):
                if text.strip():
                    yield Line(number, offset, text)
                offset += len(text)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error


def parse(line: Line, path: Path, model: type[M], prepare: Callable[[Any], Any] = lambda value: value) -> M:
    """One line as a validated model; `prepare` may reshape the JSON value first.

    Raises:
        UserError: the line is not JSON, or not what `model` asks for.
    """
    where = f"{path}, line {line.number}"
    try:
        return model.model_validate(prepare(json.loads(line.text)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{where}: `{place}`: {first['msg'].lower()}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"{where}: not JSON: {error}") from error
    except ValueError as error:
        raise UserError(f"{where}: {error}") from error
