"""A plot of scores with their intervals, one row for each category and one mark for each system, as SVG shapes."""

from collections.abc import Sequence
from typing import NamedTuple

_LINE = 20
"""Height of a mark's line, in pixels."""
_GAP = 14
_LABELS = 220
_WIDTH = 620


class Mark(NamedTuple):
    """A score in [0, 1] with its interval."""

    system: str
    value: float
    low: float
    high: float


class PlotRow(NamedTuple):
    """All systems on one category."""

    label: str
    marks: Sequence[Mark]


class Shape(NamedTuple):
    """A mark's place on the plot, in pixels."""

    system: int
    """Position among the systems: what gives it its colour."""
    title: str
    x: float
    low: float
    high: float
    y: float


class Plot(NamedTuple):
    """What the template draws."""

    width: int
    height: int
    left: int
    systems: list[str]
    ticks: list[tuple[float, str]]
    """Place and label of each grid line."""
    labels: list[tuple[float, str]]
    """Middle and name of each row."""
    shapes: list[Shape]


def interval_plot(rows: Sequence[PlotRow]) -> Plot:
    """Lay a plot out. The axis spans what the intervals need, in steps of ten points."""
    systems = list(dict.fromkeys(mark.system for row in rows for mark in row.marks))
    values = [value for row in rows for mark in row.marks for value in (mark.low, mark.high)]
    first, last = _span(values)
    scale = _WIDTH / (last - first)

    def x(value: float) -> float:
        return round(_LABELS + (100 * value - first) * scale, 1)

    shapes: list[Shape] = []
    labels: list[tuple[float, str]] = []
    y = float(_GAP)
    for row in rows:
        height = _LINE * len(row.marks)
        labels.append((y + height / 2, row.label))
        for mark in row.marks:
            told = f"{mark.system}, {row.label}: {100 * mark.value:.1f} ({100 * mark.low:.1f} to {100 * mark.high:.1f})"
            shapes.append(
                Shape(
                    systems.index(mark.system), told, x(mark.value), x(mark.low), x(mark.high), y + _LINE / 2
                )
            )
            y += _LINE
        y += _GAP
    ticks = [(x(value / 100), str(value)) for value in range(first, last + 1, 10)]
    return Plot(_LABELS + _WIDTH + 30, round(y) + 28, _LABELS, systems, ticks, labels, shapes)


def _span(values: Sequence[float]) -> tuple[int, int]:
    if not values:
        return 0, 100
    first = max(0, int(100 * min(values) // 10) * 10)
    last = min(100, -int(-100 * max(values) // 10) * 10)
    return (first, last) if last > first else (max(0, first - 10), min(100, first + 10))
