"""Run directory → HTML report: one folder that a browser opens from disk, with nothing fetched from outside."""

from vpd.reporting.report import write_report
from vpd.reporting.summary import Figure, QuestionRows, RunSummary, Table

__all__ = ["Figure", "QuestionRows", "RunSummary", "Table", "write_report"]
