"""The report of an evaluation: per benchmark its tables, a plot and example answers, as one HTML folder."""

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from vpd.errors import UserError
from vpd.records import ImageFile
from vpd.reporting.interval_plot import PlotRow, interval_plot
from vpd.reporting.page import environment, numeric_columns
from vpd.reporting.pictures import Picture, Pictures
from vpd.reporting.summary import Table

GENERATOR = "vpd evaluation report"
_STYLES = ("assets/base.css", "assets/overview.css", "evaluation_assets/evaluation.css")


class ExampleAnswer(NamedTuple):
    """What a system answered."""

    system: str
    answer: str | None
    right: bool
    text: str
    """All that it wrote."""
    problem: str | None


@dataclass(frozen=True, slots=True)
class ExampleQuestion:
    """A question with the answers of all systems."""

    id: str
    question: str
    choices: Sequence[str]
    references: Sequence[str]
    category: str
    images: Sequence[ImageFile]
    answers: Sequence[ExampleAnswer]


@dataclass(frozen=True, slots=True)
class BenchmarkSection:
    """A benchmark in the report."""

    title: str
    note: str
    tables: Sequence[Table]
    plot_title: str
    plot: Sequence[PlotRow]
    examples: Sequence[ExampleQuestion]
    images: Path
    """What the examples' image paths are relative to."""


def write_evaluation(out: Path, name: str, sections: Sequence[BenchmarkSection]) -> Path:
    """Write the report of an evaluation; it needs nothing outside its folder.

    Returns:
        The page to open, `out/index.html`.

    Raises:
        UserError: `out` exists and is something else than such a report.
    """
    page = out / "index.html"
    if out.exists() and not (page.exists() and GENERATOR in page.read_text(encoding="utf-8")[:2_000]):
        raise UserError(f"{out} exists and is no report of an evaluation; remove it or choose another folder")
    building = out.parent / f".{out.name}.partial"
    shutil.rmtree(building, ignore_errors=True)
    (building / "assets").mkdir(parents=True)
    for style in _STYLES:
        shutil.copyfile(Path(__file__).parent / style, building / "assets" / Path(style).name)
    copied = [_copy(section, building / "pictures", out / "pictures") for section in sections]
    html = (
        environment()
        .get_template("evaluation.html.j2")
        .render(
            generator=GENERATOR,
            nonce=secrets.token_urlsafe(16),
            styles=[Path(style).stem for style in _STYLES],
            name=name,
            sections=sections,
            plots=[interval_plot(section.plot) for section in sections],
            numeric=[[numeric_columns(table.rows) for table in section.tables] for section in sections],
            pictures=copied,
        )
    )
    (building / "index.html").write_text(html, encoding="utf-8", errors="backslashreplace")
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return page


def _copy(section: BenchmarkSection, folder: Path, earlier: Path) -> dict[str, Picture]:
    with Pictures(section.images, folder, earlier) as pictures:
        return pictures.copy(image for example in section.examples for image in example.images)
