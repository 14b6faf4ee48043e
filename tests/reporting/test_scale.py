"""Ten thousand questions with five programs each stay quick to read."""

import time
from itertools import cycle, islice

from tests.reporting import sample
from vpd.reporting.report import write_report
from vpd.reporting.summary import RunSummary


def test_ten_thousand_questions(browser, tmp_path):
    rows = islice(cycle(list(sample.run(tmp_path / "images", 200))), 10_000)
    page = write_report(tmp_path / "report", rows, tmp_path / "images", RunSummary("a long run"))
    size = sum(path.stat().st_size for path in tmp_path.joinpath("report").rglob("*") if path.is_file())
    assert size < 20e6

    browser.resize(1440, 900)
    started = time.monotonic()
    browser.open(page, "#questions?status=violation")
    assert browser.run("vpd.data.rows.length") == 10_000
    assert browser.run("document.querySelectorAll('*').length") < 4000
    browser.go("#question?n=9999")
    browser.wait_for("document.querySelector('.trace tbody tr')")
    # Far above what it takes (about two seconds), far below what a page holding everything would.
    assert time.monotonic() - started < 30
    assert browser.problems == []
