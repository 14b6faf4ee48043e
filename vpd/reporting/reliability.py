"""A reliability diagram: how often programs of a given score are right."""

from collections.abc import Sequence
from typing import NamedTuple

from vpd.reporting.summary import Figure

_SIDE, _MARGIN = 320, 48


class Bin(NamedTuple):
    """Programs of similar score."""

    predicted: float
    """Their mean score, in [0, 1]."""
    right: float
    """The share of them that is right, in [0, 1]."""
    programs: int


def reliability_diagram(title: str, bins: Sequence[Bin], note: str) -> Figure:
    """The share of right programs over the score; a calibrated score lies on the diagonal.

    Points are as large in area as their bin is in programs.
    """
    most = max((each.programs for each in bins), default=1)
    size = _SIDE + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}" '
        'font-family="sans-serif" font-size="12" fill="#444">',
        f'<rect width="{size}" height="{size}" fill="#fff"/>',
        *(_grid(step / 5) for step in range(6)),
        _line((0, 0), (1, 1), "#999", ' stroke-dasharray="4 4"'),
        f'<polyline points="{" ".join(f"{_x(b.predicted):.1f},{_y(b.right):.1f}" for b in bins)}" fill="none" '
        'stroke="#3b6ea8"/>',
        *(
            f'<circle cx="{_x(b.predicted):.1f}" cy="{_y(b.right):.1f}" r="{2 + 5 * (b.programs / most) ** 0.5:.1f}" '
            'fill="#3b6ea8"/>'
            for b in bins
        ),
        f'<text x="{size / 2}" y="{size - 8}" text-anchor="middle">score</text>',
        f'<text transform="translate(14 {size / 2}) rotate(-90)" text-anchor="middle">right</text>',
        "</svg>",
    ]
    return Figure(title, "\n".join(parts).encode(), note)


def _grid(value: float) -> str:
    lines = _line((value, 0), (value, 1), "#e4e4e4") + _line((0, value), (1, value), "#e4e4e4")
    across = f'<text x="{_x(value):.0f}" y="{_y(0) + 16:.0f}" text-anchor="middle">{value:.1f}</text>'
    along = f'<text x="{_x(0) - 6:.0f}" y="{_y(value) + 4:.0f}" text-anchor="end">{value:.1f}</text>'
    return lines + across + along


def _line(start: tuple[float, float], end: tuple[float, float], colour: str, more: str = "") -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{_x(x1):.1f}" y1="{_y(y1):.1f}" x2="{_x(x2):.1f}" y2="{_y(y2):.1f}" stroke="{colour}"{more}/>'


def _x(value: float) -> float:
    return _MARGIN + _SIDE * value


def _y(value: float) -> float:
    return _MARGIN + _SIDE * (1 - value)
