"""A run's tables, read side by side, a shard in memory at a time."""

from collections.abc import Iterator

from vpd.reporting.summary import QuestionRows
from vpd.store import Run, together


def questions(run: Run) -> Iterator[QuestionRows]:
    """Every question of a run with all that is known of it so far."""
    for shard in range(len(run.examples)):
        candidates = together([run.candidates], shard)
        executions = together([run.executions], shard)
        verdicts = together([run.verdicts], shard)
        rationales = together([run.rationales], shard)
        rows = together([run.rows], shard)
        for example in run.examples.read(shard):
            yield QuestionRows(
                example,
                candidates.get(example.id, []),
                executions.get(example.id, []),
                verdicts.get(example.id, []),
                rationales.get(example.id, []),
                rows.get(example.id, []),
            )
