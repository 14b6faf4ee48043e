"""What a report is made from: a run's rows, question by question, and what the run says of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vpd.records import Candidate, Example, Execution, Rationale, TrainingRow, Verdict

Cell = str | int | float | None


class QuestionRows(NamedTuple):
    """Everything a run knows of one question; rows match by the candidate's index, and may be absent."""

    example: Example
    candidates: Sequence[Candidate]
    executions: Sequence[Execution]
    verdicts: Sequence[Verdict]
    rationales: Sequence[Rationale] = ()
    trained: Sequence[TrainingRow] = ()
    """The training rows that were made of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the overview page; a column of numbers and percentages is set flush right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    """A sentence beneath the table: what the figures mean, or the command that measured them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of the overview page, such as a plot."""

    title: str
    image: bytes
    """A PNG or SVG file."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run says of itself on the overview page, beside what the report counts from its rows."""

    name: str
    recipe: str = ""
    """The frozen recipe, as text."""
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
