"""The loss log: one JSON object per optimiser step, the same whether or not the run was broken off."""

import json
from pathlib import Path
from typing import NamedTuple

from vpd.training.settings import TASKS


class StepLoss(NamedTuple):
    """What one optimiser step saw."""

    step: int
    """From 1."""
    loss: float
    """The objective: the mean over the batch's examples of their weighted terms."""
    learning_rate: float
    tasks: dict[str, float]
    """The mean unweighted loss of the batch's rows of each task that had any, in nats per token."""
    rows: dict[str, int]
    """How many rows those were."""


def append(file: Path, record: StepLoss) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(_line(record))


def read(file: Path) -> list[StepLoss]:
    """The steps logged so far; a line that a crash cut short is passed over."""
    if not file.exists():
        return []
    records: list[StepLoss] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            records.append(StepLoss(**json.loads(line)))
        except json.JSONDecodeError:
            continue
    return records


def rewind(file: Path, steps: int) -> None:
    """Drop what was logged after the checkpoint of step `steps`, since those steps are taken again."""
    part = file.with_suffix(".part")
    part.write_text("".join(_line(record) for record in read(file) if record.step <= steps), encoding="utf-8")
    part.replace(file)


def _line(record: StepLoss) -> str:
    return json.dumps(record._asdict()) + "\n"


def step_loss(
    step: int, learning_rate: float, objective: float, sums: list[float], counts: list[float]
) -> StepLoss:
    """
    Args:
        step: from 1.
        learning_rate: that the step was taken with.
        objective: the batch's loss.
        sums: of the rows' losses, by task, in the order of `TASKS`.
        counts: of the rows, likewise.
    """
    present = [
        (task, total, int(count)) for task, total, count in zip(TASKS, sums, counts, strict=True) if count
    ]
    tasks = {task: total / count for task, total, count in present}
    return StepLoss(step, objective, learning_rate, tasks, {task: count for task, _, count in present})
