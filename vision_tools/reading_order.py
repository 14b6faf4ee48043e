"""The order in which a person reads scattered pieces of text."""

from collections.abc import Iterable
from statistics import median

from vision_tools.roles import TextLine

SAME_LINE = 0.5
"""Pieces share a line when their vertical centres differ by less than this share of the smaller height."""


def in_reading_order(pieces: Iterable[TextLine]) -> list[TextLine]:
    """From top to bottom, and from left to right among pieces on the same line."""
    rows: list[list[TextLine]] = []
    for piece in sorted(pieces, key=lambda p: (_centre(p), p.box.x1)):
        if rows and _same_line(rows[-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.box.x1)]


def _same_line(row: list[TextLine], piece: TextLine) -> bool:
    height = min(median(p.box.height for p in row), piece.box.height)
    return abs(median(map(_centre, row)) - _centre(piece)) < SAME_LINE * height


def _centre(piece: TextLine) -> float:
    return (piece.box.y1 + piece.box.y2) / 2
