"""What a batch is made of: items, each an example with all its rows, in an order that depends on nothing else."""

import math
import random
from collections.abc import Iterable, Sequence
from itertools import count, islice

from vpd.records import TrainingRow
from vpd.training.settings import FinetuneSettings, TaskWeights

Item = tuple[int, ...]
"""Positions of the rows of one example, in the order they were given."""


def group(rows: Iterable[TrainingRow]) -> list[Item]:
    """The rows of each example together, examples in the order of their first rows."""
    by_example: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        by_example.setdefault(row.example_id, []).append(position)
    return [tuple(positions) for positions in by_example.values()]


def steps(settings: FinetuneSettings, items: int) -> int:
    """How many optimiser steps are taken."""
    return settings.steps or math.ceil(settings.epochs * items / settings.batch_size)


def order(items: int, length: int, seed: int) -> list[int]:
    """`length` item positions: shuffled passes over all `items`, each with an order of its own."""
    return list(islice((item for epoch in count() for item in _shuffled(items, f"{seed}/{epoch}")), length))


def coefficients(rows: Sequence[TrainingRow], weights: TaskWeights) -> list[float]:
    """What each row of one item's loss is multiplied by, so that their sum is the item's loss.

    A task's term is the mean over the item's rows of that task, each times its own weight: an example with three
    rationales counts no more than one with a single one, and one without any has only its label term.
    """
    tasks = [row.task for row in rows]
    return [weights.of(row.task) * row.weight / tasks.count(row.task) for row in rows]


def _shuffled(items: int, seed: str) -> list[int]:
    positions = list(range(items))
    random.Random(seed).shuffle(positions)  # noqa: S311 -- an order, not a secret
    return positions
