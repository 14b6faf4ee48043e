"""Executions and labels → verdicts."""

from collections.abc import Sequence

from vpd.recipe import Recipe
from vpd.records import Candidate, Example, Execution, Verdict
from vpd.stages import Stage, simple_worker, stage_fingerprint
from vpd.store import Table, combine, together
from vpd.verification.verdicts import judge


def verdicts(
    recipe: Recipe,
    examples: Table[Example],
    candidates: Sequence[Table[Candidate]],
    executions: Sequence[Table[Execution]],
    table: Table[Verdict],
) -> Stage[Verdict]:
    """Judge the candidates of each question together, of all rounds so far; one row each."""
    own = stage_fingerprint("verdicts", 1, recipe.verification)
    made_from = (examples, *candidates, *executions)

    def make(shard: int) -> list[Verdict]:
        programs, outcomes = together(candidates, shard), together(executions, shard)
        rows: list[Verdict] = []
        for example in examples.read(shard):
            mine = programs.get(example.id, [])
            rows += judge(example, mine, outcomes.get(example.id, []), recipe.verification)
        return rows

    def rows(shard: int) -> int:
        return sum(each.count(shard) for each in candidates if each.path(shard).exists())

    return Stage(
        name="verdicts",
        table=table,
        shards=len(executions[0]),
        fingerprint=lambda shard: combine(
            own, *(t.digest(shard) for t in made_from if t.path(shard).exists())
        ),
        rows=rows,
        worker=simple_worker(make, rows),
    )
