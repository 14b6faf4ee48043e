"""Programs that come from elsewhere: a JSONL file of `{example_id or question, programs}` → candidates."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from vpd.errors import UserError
from vpd.inputs.jsonl import Line, lines, parse
from vpd.records import Candidate, Example
from vpd.store import combine


class _Program(BaseModel):
    model_config = ConfigDict(extra="forbid")

    program: str
    log_probability: float | None = None
    model: str = ""


class _Row(BaseModel):
    """A line of a candidates file."""

    model_config = ConfigDict(extra="ignore")

    example_id: str | None = None
    question: str | None = None
    programs: list[_Program] = Field(default_factory=list)


class CandidateFile:
    """Finds the programs of an example by its id, or else by its question; holds only offsets in memory."""

    def __init__(self, path: Path) -> None:
        """Raises `UserError` where the file cannot be read or a line is malformed."""
        self.path = path
        self._places: dict[str, list[Line]] = defaultdict(list)
        for line in lines(path):
            row = parse(line, path, _Row, _prepare)
            if row.example_id is None and row.question is None:
                raise UserError(f"{path}, line {line.number}: a row needs `example_id` or `question`")
            key = _id_key(row.example_id) if row.example_id is not None else _question_key(row.question or "")
            # The text is read again when it is needed, so that memory does not grow with the programs.
            self._places[key].append(line._replace(text=b""))

    def candidates(self, example: Example) -> list[Candidate]:
        """The programs for an example, in the order of the file."""
        key = _id_key(example.id)
        if key not in self._places:
            key = _question_key(example.question)
        programs = [program for line in self._places.get(key, []) for program in self._read(line).programs]
        return [
            Candidate(
                example_id=example.id,
                index=index,
                program=each.program,
                log_probability=each.log_probability,
                model=each.model,
            )
            for index, each in enumerate(programs)
        ]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def unmatched(self, examples: Iterable[Example]) -> int:
        """How many questions or ids of the file belong to none of the examples."""
        keys = {key for example in examples for key in (_id_key(example.id), _question_key(example.question))}
        return len(self._places.keys() - keys)

    def _read(self, line: Line) -> _Row:
        return parse(next(lines(self.path, line)), self.path, _Row, _prepare)


def _id_key(example_id: str) -> str:
    return "id:" + combine(example_id)[:24]


def _question_key(question: str) -> str:
    return "question:" + combine(question.strip())[:24]


def _prepare(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("a row of candidates must be a JSON object")
    row: dict[str, Any] = dict(value)
    programs = row.get("programs")
    if isinstance(programs, list):
        row["programs"] = [{"program": p} if isinstance(p, str) else p for p in programs]
    return row
