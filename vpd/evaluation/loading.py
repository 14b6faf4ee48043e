"""A benchmark's questions into its folder, read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from vpd.errors import UserError
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.folder import SHARD, BenchmarkFolder
from vpd.evaluation.images import ImageStore, row_image
from vpd.evaluation.records import Item
from vpd.evaluation.rows import Row, items
from vpd.evaluation.sources import Source, data_fingerprint, json_lines, open_source
from vpd.inputs.questions import QuestionFile
from vpd.store import combine

_VERSION = "1"
"""Rises when the same rows give other questions."""


@dataclass(frozen=True)
class Asked:
    """Which questions of a benchmark are asked."""

    benchmark: Benchmark
    questions: Path | None = None
    """A user's own questions, JSONL."""
    data: Path | None = None
    """A folder in place of the hub, or the folder of a user's images."""
    limit: int | None = None


def read_questions(asked: Asked, folder: BenchmarkFolder) -> None:
    """Read a benchmark's questions, unless that is done.

    Raises:
        UserError: there is no such data set, a column is missing, a value is not what it should be, or the folder
            has the questions of another benchmark.
    """
    benchmark = asked.benchmark
    own = combine(_VERSION, benchmark.model_dump_json(), str(asked.limit))
    if benchmark.hub is None:
        _read_file(asked, folder, own)
        return
    origin = " or ".join(benchmark.hub.ids) if asked.data is None else str(asked.data.resolve())
    folder.claim(origin)
    fingerprint = combine(own, data_fingerprint(benchmark, asked.data))
    if folder.is_current(fingerprint):
        return
    source = open_source(benchmark, asked.data)
    images = folder.root / "images"
    found = islice(_items(source, benchmark, ImageStore(images)), asked.limit)
    folder.read(found, benchmark, images, fingerprint, origin)


def _items(source: Source, benchmark: Benchmark, store: ImageStore) -> Iterator[Item]:
    seen: set[str] = set()
    for number, row in enumerate(_rows(source)):
        for item in items(benchmark, row, number, row_image(source, benchmark, row, store)):
            if not (benchmark.columns.repeated and item.id in seen):
                seen.add(item.id)
                yield item


def _rows(source: Source) -> Iterator[Row]:
    rows = iter(source.rows)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as error:
            # Streams fail in the words of whatever library carries them.
            told = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise UserError(
                f"{source.where} cannot be read to its end: {told}; run the same command again"
            ) from error
        yield row


def _read_file(asked: Asked, folder: BenchmarkFolder, own: str) -> None:
    benchmark, path, images = asked.benchmark, asked.questions, asked.data
    if path is None:
        if images is None:
            raise UserError(
                f"{benchmark.name} is no data set of the hub; give its folder with --data FOLDER (questions.jsonl "
                "and the images it names)"
            )
        path = images / "questions.jsonl"
    folder.claim(str(path.resolve()))
    images = images or path.parent
    file = QuestionFile(path, images, SHARD, asked.limit)
    slices = list(file.slices())
    fingerprint = combine(own, str(path.resolve()), *(file.fingerprint(each) for each in slices))
    if folder.is_current(fingerprint):
        return
    categories = _categories(benchmark, path.parent)
    found = (
        Item(example=example, category=categories.get(example.id, example.answer_type))
        for each in slices
        for example in file.examples(each)
    )
    folder.read(found, benchmark, images, fingerprint, str(path.resolve()))


def _categories(benchmark: Benchmark, folder: Path) -> dict[str, str]:
    given = benchmark.categories
    if given is None or not (folder / given.file).exists():
        return {}
    return {str(row.get("id")): str(row.get(given.column, "")) for row in json_lines(folder / given.file)}
