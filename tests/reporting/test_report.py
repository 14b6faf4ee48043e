"""A report is one folder: whole or not there, counted right, and as small in memory for many questions."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from weakref import WeakSet

import pytest

from tests.reporting import sample
from vpd.errors import UserError
from vpd.records import Example
from vpd.reporting.questions import disagreeing
from vpd.reporting.report import write_report
from vpd.reporting.summary import Figure, QuestionRows, RunSummary, Table
from vpd.reporting.tally import Tally

SUMMARY = RunSummary("a run")


@pytest.fixture
def rows(tmp_path: Path) -> list[QuestionRows]:
    return list(sample.run(tmp_path / "images", 12))


def test_the_folder_holds_everything_the_page_needs(report):
    html = report.read_text()
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', html)
    assert addresses
    assert all((report.parent / address).is_file() for address in addresses)


def test_nothing_names_an_address_outside_the_folder(report):
    files = [path for path in report.parent.rglob("*") if path.suffix in {".html", ".js", ".css"}]
    text = "".join(path.read_text() for path in files).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|url\(", text)


def test_an_earlier_report_is_replaced_whole(tmp_path, rows):
    out = tmp_path / "report"
    write_report(out, rows, tmp_path / "images", SUMMARY)
    before = len(list(out.rglob("*.jpg")))
    write_report(out, rows[:1], tmp_path / "images", SUMMARY)
    assert 2 == len(list(out.rglob("*.jpg"))) < before


@pytest.mark.parametrize("name", ["notes.txt", "index.html"])
def test_a_folder_that_is_no_report_is_not_touched(tmp_path, rows, name):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / name).write_text("years of work")
    with pytest.raises(UserError, match="is not a report"):
        write_report(out, rows, tmp_path / "images", SUMMARY)
    assert (out / name).read_text() == "years of work"


def test_a_run_that_breaks_off_leaves_the_earlier_report(tmp_path, rows):
    page = write_report(tmp_path / "report", rows, tmp_path / "images", SUMMARY)
    before = page.read_bytes()

    def breaking():
        yield rows[0]
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        write_report(tmp_path / "report", breaking(), tmp_path / "images", SUMMARY)
    assert page.read_bytes() == before
    write_report(tmp_path / "report", rows, tmp_path / "images", SUMMARY)
    assert not list(tmp_path.glob(".*"))


def test_a_run_without_questions_has_a_report(tmp_path):
    page = write_report(tmp_path / "report", [], tmp_path, SUMMARY)
    assert "a run" in page.read_text()


def test_tables_and_figures_of_the_summary_stand_on_the_page(tmp_path):
    table = Table("Tools", ["Tool", "Calls"], [["find", 12345], ["read", None]], "Measured here.")
    figures = [Figure("Plot", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Figure("Photo", b"\x89PNG...")]
    page = write_report(tmp_path / "report", [], tmp_path, RunSummary("a run", "seed: 1", [table], figures))
    html = page.read_text()
    for text in ("Tools", "12,345", "Measured here.", "seed: 1", "figures/0.svg", "figures/1.png"):
        assert text in html


def test_counts_are_those_of_the_rows(rows):
    tally = Tally()
    for each in rows:
        tally.add(each)
    assert tally.statuses == Counter(execution.status for each in rows for execution in each.executions)
    total = tally.total()
    assert (total.questions, total.programs) == (12, 60)
    assert total.correct == sum(verdict.correct is True for each in rows for verdict in each.verdicts)
    assert total.solved == total.labelled == sum(bool(each.example.answers) for each in rows)
    assert total.ran == tally.statuses["ok"]
    assert set(tally.groups) == {("drawn", "number"), ("painted", "number")}


def test_a_candidate_without_rows_of_later_stages_counts_as_not_run(rows):
    tally = Tally()
    tally.add(rows[0]._replace(executions=[], verdicts=[]))
    assert tally.statuses == {"not_run": 5}
    assert tally.verdicts == {"unjudged": 5}


def test_programs_disagree_when_two_answers_differ_by_more_than_case(rows):
    ok = [execution for execution in rows[0].executions if execution.status == "ok"]
    same = [
        execution.model_copy(update={"answer": answer})
        for execution, answer in zip(ok, ["Yes", "yes "], strict=True)
    ]
    assert disagreeing(rows[0])
    assert not disagreeing(rows[0]._replace(executions=same))


def test_rows_are_let_go_once_they_are_written(tmp_path, rows):
    alive: WeakSet[Example] = WeakSet()
    most = 0

    def streamed() -> Iterator[QuestionRows]:
        nonlocal most
        for each in islice(cycle(rows), 600):
            example = each.example.model_copy()
            alive.add(example)
            most = max(most, len(alive))
            yield each._replace(example=example)

    write_report(tmp_path / "report", streamed(), tmp_path / "images", SUMMARY)
    assert most <= 100
