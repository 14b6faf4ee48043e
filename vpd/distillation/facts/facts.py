"""The facts of one execution: from its replay, or from its trace alone where it cannot be replayed."""

from collections.abc import Collection

from vpd.distillation.facts.extract import extract
from vpd.distillation.facts.models import Fact
from vpd.distillation.replay.replay import replay
from vpd.records import Example, Execution


def find_facts(
    example: Example, program: str, execution: Execution, matters: Collection[int] | None = None
) -> tuple[Fact, ...]:
    told = replay(example, program, execution)
    if told is None:
        return ()
    return extract(example, execution, told, matters)
