"""Changes to a text by insertion, in an order that nests: lines and everything not named stay as they were."""

import ast
from typing import NamedTuple


class _Edit(NamedTuple):
    position: int
    rank: tuple[int, int, int]
    """Order among edits at one position: ends of inner spans, ends of outer ones, statements, starts."""
    text: bytes
    until: int
    """End of the text that is replaced; equal to `position` for an insertion."""


class Edits:
    """Edits of one source text. Positions are byte offsets into its UTF-8 form."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._edits: list[_Edit] = []

    def wrap(self, start: int, end: int, before: str, after: str) -> None:
        """Put text around a span. Of two equal spans, the one given first is the outer one."""
        order = len(self._edits)
        self._edits.append(_Edit(start, (3, -end, order), before.encode(), start))
        self._edits.append(_Edit(end, (0, -start, -order), after.encode(), end))

    def after(self, position: int, text: str) -> None:
        """Put text after a statement."""
        self._edits.append(_Edit(position, (1, 0, len(self._edits)), text.encode(), position))

    def before(self, position: int, text: str) -> None:
        """Put text before a statement."""
        self._edits.append(_Edit(position, (2, 0, len(self._edits)), text.encode(), position))

    def replace(self, start: int, end: int, text: str) -> None:
        """Put text in place of a span that holds no other edit."""
        self._edits.append(_Edit(start, (4, 0, len(self._edits)), text.encode(), end))

    def apply(self) -> tuple[str, tuple[int, ...]]:
        """The new text, and for each of its lines (from 1) the line it came from; index 0 is unused."""
        pieces: list[bytes] = []
        lines = [0, 1]
        done = 0
        for edit in sorted(self._edits):
            kept = self._source[done : edit.position]
            pieces += (kept, edit.text)
            for _ in range(kept.count(b"\n")):
                lines.append(lines[-1] + 1)
            lines += [lines[-1]] * edit.text.count(b"\n")
            done = edit.until
        rest = self._source[done:]
        for _ in range(rest.count(b"\n")):
            lines.append(lines[-1] + 1)
        return (b"".join(pieces) + rest).decode(), tuple(lines)


def offset(source: bytes, node: ast.expr | ast.stmt | ast.arg | ast.excepthandler, end: bool = False) -> int:
    """Where a node starts (or ends), as a byte offset into the source."""
    line, column = (node.end_lineno, node.end_col_offset) if end else (node.lineno, node.col_offset)
    assert line is not None
    assert column is not None
    start = 0
    for _ in range(line - 1):
        start = source.index(b"\n", start) + 1
    return start + column
