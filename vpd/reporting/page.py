"""The report's one HTML page: the overview, and the empty places that the scripts fill."""

import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined

from vpd.records import AnswerType, Status
from vpd.reporting.summary import Cell, Figure, RunSummary
from vpd.reporting.tally import Tally
from vpd.reporting.values import visible

GENERATOR = "vpd report"
"""How a page of ours is recognised when a report is about to be replaced."""

_ASSETS = Path(__file__).parent / "assets"

# In the order they load: each builds on those before it.
_SCRIPTS = (
    "dom",
    "data",
    "filters",
    "badges",
    "list",
    "stage",
    "program",
    "trace",
    "verdict",
    "rationale",
    "question",
    "app",
)
_STYLES = ("base", "overview", "list", "question", "rationale")

STATUSES: dict[str, str] = {
    "ok": "ran to the end and returned an answer",
    "rejected": "refused by the static check, or held no program",
    "unsupported": "Python that the sandbox cannot express",
    "error": "raised an exception",
    "timeout": "ran out of time",
    "memory": "ran out of memory, recursion or output",
    "tool_error": "a tool failed, or nobody configured it",
    "no_answer": "returned nothing that can be an answer",
    "violation": "attempted what the sandbox forbids",
    "not_run": "has not been run",
}

VERDICTS: dict[str, str] = {
    "correct": "agrees with a reference answer",
    "incorrect": "disagrees, or gave no answer",
    "unlabelled": "there is no reference answer",
    "unjudged": "has not been judged",
}


def write_page(folder: Path, summary: RunSummary, tally: Tally, row_chunks: int) -> None:
    """Write `index.html`, `assets/` and `figures/`."""
    shutil.copytree(_ASSETS, folder / "assets")
    html = (
        environment()
        .get_template("index.html.j2")
        .render(
            generator=GENERATOR,
            nonce=secrets.token_urlsafe(16),
            scripts=_SCRIPTS,
            styles=_STYLES,
            summary=summary,
            tally=tally,
            total=tally.total(),
            row_chunks=row_chunks,
            figures=[
                _write_figure(folder / "figures", number, each) for number, each in enumerate(summary.figures)
            ],
            numeric=[numeric_columns(table.rows) for table in summary.tables],
            statuses=STATUSES,
            verdicts=VERDICTS,
            answer_types=get_args(AnswerType),
        )
    )
    (folder / "index.html").write_text(html, encoding="utf-8", errors="backslashreplace")


def environment() -> Environment:
    """The templates: whatever is put into them is escaped."""
    made = Environment(
        loader=PackageLoader("vpd.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = cast("dict[str, Any]", made.filters)
    filters.update(visible=visible, cell=_cell, share=_share, words=_words)
    return made


def _write_figure(folder: Path, number: int, figure: Figure) -> str:
    """The figure's address, relative to the page."""
    folder.mkdir(exist_ok=True)
    kind = "png" if figure.image.startswith(b"\x89PNG") else "svg"
    name = f"{number}.{kind}"
    (folder / name).write_bytes(figure.image)
    return f"{folder.name}/{name}"


def numeric_columns(rows: Sequence[Sequence[Cell]]) -> set[int]:
    """The columns that hold nothing but figures."""
    widest = max((len(row) for row in rows), default=0)
    columns = [[row[column] for row in rows if column < len(row)] for column in range(widest)]
    return {number for number, cells in enumerate(columns) if all(map(_is_figure, cells))}


def _is_figure(value: Cell) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"–|-?[\d,.]+( ?%)?", value) is not None


def _cell(value: Cell) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return visible(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _words(name: str) -> str:
    return "yes/no" if name == "yes_no" else name.replace("_", " ")


assert set(STATUSES) == {*get_args(Status), "not_run"}
