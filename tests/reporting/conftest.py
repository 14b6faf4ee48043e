"""One browser for all tests of the page, and a report of every kind of ending."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reporting import sample
from tests.reporting.browser import BINARY, Browser
from vpd.reporting.report import write_report
from vpd.reporting.summary import RunSummary, Table


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if BINARY is None:
        pytest.skip("no Chromium is installed")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run with 120 questions and 600 programs, of all nine statuses."""
    folder = tmp_path_factory.mktemp("run")
    table = Table("Accuracy", ["Source", "Accuracy", "Majority answer"], [["drawn", 0.613, 0.5]], "A note.")
    summary = RunSummary("a run", "tools:\n  detector: annotations\n", [table])
    return write_report(folder / "report", sample.run(folder / "images", 120), folder / "images", summary)
