"""Writes a report: the rows in one pass, then the page that counts them, then the folder in its place."""

import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from vpd.errors import UserError
from vpd.reporting.chunks import ChunkWriter
from vpd.reporting.page import GENERATOR, write_page
from vpd.reporting.pictures import Pictures
from vpd.reporting.questions import list_row, question_page
from vpd.reporting.summary import QuestionRows, RunSummary
from vpd.reporting.tally import Tally

# Questions whose pictures are copied side by side.
_BATCH = 32
# Characters of JSON in a script: about 2,000 rows of the list, about 20 pages of questions.
_LIST_CHUNK, _PAGE_CHUNK = 600_000, 300_000


def write_report(out: Path, questions: Iterable[QuestionRows], image_root: Path, summary: RunSummary) -> Path:
    """Write the report of a run as one folder that needs nothing outside itself.

    The rows are read once, and memory does not grow with their number. The folder appears when it is
    complete; an earlier report in its place is replaced.

    Args:
        out: the folder to write.
        questions: a run's questions, in the order the report lists them.
        image_root: the folder that the images' paths are relative to.
        summary: the run's name, recipe, tables and figures.

    Returns:
        The page to open, `out/index.html`.

    Raises:
        UserError: `out` exists and is something else than a report.
    """
    out = out.resolve()
    _check_replaceable(out)
    building = out.parent / f".{out.name}.partial"
    shutil.rmtree(building, ignore_errors=True)
    (building / "data").mkdir(parents=True)
    tally = Tally()
    rows = ChunkWriter(building / "data", "rows", _LIST_CHUNK)
    pages = ChunkWriter(building / "data", "pages", _PAGE_CHUNK)
    with Pictures(image_root, building / "pictures", earlier=out / "pictures") as pictures:
        for batch in _batches(questions):
            copied = pictures.copy(image for each in batch for image in each.example.images)
            for each in batch:
                place = pages.add(question_page(each, copied))
                rows.add(list_row(each, copied, place))
                tally.add(each)
    rows.flush()
    pages.flush()
    write_page(building, summary, tally, rows.chunks)
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return out / "index.html"


def _batches(questions: Iterable[QuestionRows]) -> Iterator[list[QuestionRows]]:
    iterator = iter(questions)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _check_replaceable(out: Path) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        with (out / "index.html").open(encoding="utf-8") as page:
            ours = GENERATOR in page.read(2000)
    except (OSError, UnicodeDecodeError):
        ours = False
    if not ours:
        raise UserError(f"{out} exists and is not a report; name another folder, or remove it first")
