"""A run's tables, read side by side, a shard in memory at a time."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

from vpd.records import Candidate, Execution, Verdict
from vpd.reporting.summary import QuestionRows
from vpd.store import Run, Table


R = TypeVar("R", Candidate, Execution, Verdict)


def questions(run: Run) -> Iterator[QuestionRows]:
    """Every question of a run with all that is known of it so far."""
    for shard in range(len(run.examples)):
        candidates = _by_example(run.candidates, shard)
        executions = _by_example(run.executions, shard)
        verdicts = _by_example(run.verdicts, shard)
        for example in run.examples.read(shard):
            yield QuestionRows(
                example, candidates[example.id], executions[example.id], verdicts[example.id]
            )


def _by_example(table: Table[R], shard: int) -> defaultdict[str, list[R]]:
    rows: defaultdict[str, list[R]] = defaultdict(list)
    if table.path(shard).exists():
        for row in table.read(shard):
            rows[row.example_id].append(row)
    return rows
