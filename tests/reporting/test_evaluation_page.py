"""The report of an evaluation: tables, plot and answers in a real browser; hostile text stays text."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from tests.reporting.browser import Browser
from vpd.errors import UserError
from vpd.records import ImageFile
from vpd.reporting.evaluation import BenchmarkSection, ExampleAnswer, ExampleQuestion, write_evaluation
from vpd.reporting.interval_plot import Mark, PlotRow, interval_plot
from vpd.reporting.summary import Table

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e</p>"


def section(folder: Path, text: str = "red", title: str = "Own") -> BenchmarkSection:
    Image.new("RGB", (40, 30), "red").save(folder / "a.png")
    digest = hashlib.sha256((folder / "a.png").read_bytes()).hexdigest()
    image = ImageFile(path="a.png", sha256=digest, width=40, height=30)
    answers = [
        ExampleAnswer("student", text, True, f"It is {text}. The answer is {text}.", None),
        ExampleAnswer("twin", None, False, "", f"the reply is empty {text}"),
    ]
    example = ExampleQuestion("q1", f"What colour? {text}", (text, "blue"), (text,), text, (image,), answers)
    rows = [("student", "70.0 %"), ("twin", "60.0 %")]
    plot = [
        PlotRow("all", [Mark("student", 0.7, 0.6, 0.8), Mark("twin", 0.6, 0.5, 0.7)]),
        PlotRow(text, [Mark("student", 1.0, 0.9, 1.0), Mark("twin", 0.0, 0.0, 0.3)]),
    ]
    return BenchmarkSection(
        title, text, [Table("Scores", ("system", "score"), rows)], "accuracy", plot, [example], folder
    )


def load(browser: Browser, page: Path) -> None:
    browser.problems.clear()
    browser.send("Page.navigate", url=page.resolve().as_uri())
    browser.wait_for("document.readyState === 'complete' && document.querySelector('#main')")


def test_the_page_shows_scores_plot_and_answers(tmp_path: Path, browser: Browser):
    page = write_evaluation(tmp_path / "report", "eval", [section(tmp_path)])
    load(browser, page)
    assert browser.texts("td")[:2] == ["student", "70.0 %"]
    assert browser.run("document.querySelectorAll('.intervals circle').length") == 4
    assert browser.texts(".intervals .row") == ["allall", "redred"]  # each with its title
    assert browser.texts(".answers .mark") == ["✓", "✗"]
    assert browser.run("document.querySelector('.pictures img').naturalWidth") > 0
    assert browser.problems == []
    assert all(request.startswith("file:") for request in browser.requests)


def test_hostile_text_stays_text(tmp_path: Path, browser: Browser):
    page = write_evaluation(tmp_path / "report", HOSTILE, [section(tmp_path, HOSTILE, HOSTILE)])
    load(browser, page)
    assert browser.run("document.querySelectorAll('script, img[src=x]').length") == 0
    assert "<script>alert(2)</script>" in browser.texts(".asked")[0]
    assert "\u202e" not in page.read_text()


def test_a_report_replaces_an_earlier_one_and_nothing_else(tmp_path: Path):
    write_evaluation(tmp_path / "report", "first", [section(tmp_path)])
    page = write_evaluation(tmp_path / "report", "second", [section(tmp_path)])
    assert "second" in page.read_text()
    (tmp_path / "mine").mkdir()
    with pytest.raises(UserError, match="is no report of an evaluation"):
        write_evaluation(tmp_path / "mine", "x", [section(tmp_path)])


def test_marks_lie_on_the_axis_where_their_scores_are():
    plot = interval_plot([PlotRow("all", [Mark("a", 0.5, 0.42, 0.58)])])
    assert [label for _, label in plot.ticks] == ["40", "50", "60"]
    (mark,) = plot.shapes
    assert mark.x == plot.ticks[1][0]
    assert plot.ticks[0][0] < mark.low < mark.x < mark.high < plot.ticks[2][0]


def test_systems_keep_their_colours_where_one_is_missing():
    plot = interval_plot(
        [
            PlotRow("all", [Mark("a", 0.5, 0.4, 0.6), Mark("b", 0.5, 0.4, 0.6)]),
            PlotRow("x", [Mark("b", 1.0, 1.0, 1.0)]),
        ]
    )
    assert plot.systems == ["a", "b"]
    assert [shape.system for shape in plot.shapes] == [0, 1, 1]
