"""Questions about images: a JSONL file and an image folder → examples."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from vpd.errors import UserError
from vpd.inputs.frames import frame_files
from vpd.inputs.jsonl import Line, lines, parse
from vpd.records import AnswerType, Example, ImageFile
from vpd.store import combine

FRAMES = 16
"""Taken of a video file, where its row does not say how many."""

_YES_NO = {"yes", "no"}


class _Row(BaseModel):
    """A line of a questions file."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str = Field(min_length=1)
    images: list[str] = Field(min_length=1)
    question: str = Field(min_length=1)
    answers: list[str] = Field(default_factory=list)
    answer_type: AnswerType | None = None
    choices: list[str] = Field(default_factory=list)
    video: bool = False
    frames: int | None = Field(default=None, ge=1, le=1024)
    """Where the one image is a video file: how many of its frames to take."""
    source: str = ""


class QuestionSlice(NamedTuple):
    """A fixed run of questions: what one shard is made from. Where it stands, not what it says."""

    first: Line
    """Without its text."""
    size: int


class QuestionFile:
    """A questions file and its image folder, read in slices of `shard_size` questions."""

    def __init__(self, path: Path, images: Path, shard_size: int, limit: int | None = None) -> None:
        if not images.is_dir():
            raise UserError(f"the image folder {images} does not exist")
        self.path = path
        self.images = images
        self.shard_size = shard_size
        self.limit = limit

    def slices(self) -> Iterator[QuestionSlice]:
        """Raises `UserError` where a line is malformed, or an id occurs twice."""
        first_seen: dict[bytes, int] = {}
        first, count = None, 0
        for line in islice(lines(self.path), self.limit):
            row = self._row(line)
            # A digest, since ids can be long and there can be millions.
            key = hashlib.blake2b(row.id.encode(), digest_size=12).digest()
            if (before := first_seen.setdefault(key, line.number)) != line.number:
                raise UserError(
                    f"{self.path}: the id {row.id!r} stands on line {before} and again on line {line.number}; "
                    "ids must be unique"
                )
            first, count = first or line._replace(text=b""), count + 1
            if count == self.shard_size:
                yield QuestionSlice(first, count)
                first, count = None, 0
        if first:
            yield QuestionSlice(first, count)
        if not first_seen:
            raise UserError(f"{self.path} holds no questions")

    def fingerprint(self, questions: QuestionSlice) -> str:
        """Changes when a line of the slice changes, or one of its image files (by size or time)."""
        parts: list[str] = []
        for line in self._lines(questions):
            parts.append(line.text.decode(errors="replace"))
            for name in self._row(line).images:
                try:
                    stat = (self.images / name).stat()
                except (OSError, ValueError):
                    parts.append(f"{name} absent")
                else:
                    parts.append(f"{name} {stat.st_size} {stat.st_mtime_ns}")
        return combine(*parts)

    def examples(self, questions: QuestionSlice) -> list[Example]:
        """One example per line; an image that cannot be read becomes the example's `problem`."""
        return [self._example(self._row(line)) for line in self._lines(questions)]

    def _lines(self, questions: QuestionSlice) -> Iterator[Line]:
        return islice(lines(self.path, questions.first), questions.size)

    def _row(self, line: Line) -> _Row:
        return parse(line, self.path, _Row, _prepare)

    def _example(self, row: _Row) -> Example:
        problem = None
        images: list[ImageFile] = []
        try:
            names = frame_files(self.images, row.images[0], row.frames) if row.frames else row.images
            images = [describe_image(self.images, name) for name in names]
        except ValueError as error:
            problem = str(error)
        return Example(
            id=row.id,
            images=tuple(images),
            question=row.question,
            answers=tuple(row.answers),
            answer_type=row.answer_type or _infer_type(row.answers, row.choices),
            choices=tuple(row.choices),
            video=row.video,
            source=row.source,
            problem=problem,
        )


def describe_image(folder: Path, name: str) -> ImageFile:
    """An image's content hash, and its size as it is shown (after EXIF rotation).

    Raises:
        ValueError: it lies outside the folder, is absent, or is not an image.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"the image {name} lies outside the image folder")
    try:
        content = path.read_bytes()
        with Image.open(path) as image:
            # Orientations 5 to 8 turn the image by a quarter.
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            width, height = reversed(image.size) if turned else image.size
    except FileNotFoundError as error:
        raise ValueError(f"the image {name} does not exist") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"the image {name} cannot be read: {error}") from error
    return ImageFile(path=name, sha256=hashlib.sha256(content).hexdigest(), width=width, height=height)


def _prepare(value: Any) -> Any:
    """`image` → `images`, a video file too; `answer` → `answers`; true and false → yes and no."""
    if not isinstance(value, dict):
        raise ValueError("a question must be a JSON object")
    row: dict[str, Any] = dict(value)
    if "image" in row and "images" not in row:
        row["images"] = [row.pop("image")]
    if isinstance(row.get("video"), str):
        row = {"frames": FRAMES} | row | {"images": [row["video"]], "video": True}
    else:
        row.pop("frames", None)
    if "answer" in row and "answers" not in row:
        answer = row.pop("answer")
        row["answers"] = [] if answer is None else [answer]
    if isinstance(row.get("answers"), Sequence) and not isinstance(row["answers"], str):
        row["answers"] = ["yes" if a is True else "no" if a is False else a for a in row["answers"]]
    return row


def _infer_type(answers: Sequence[str], choices: Sequence[str]) -> AnswerType:
    if choices:
        return "choice"
    said = {answer.strip().lower() for answer in answers}
    if said and said <= _YES_NO:
        return "yes_no"
    if said and all(answer.isdigit() for answer in said):
        return "number"
    return "open"
