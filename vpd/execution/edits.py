"""Changes to a program's text by insertion, in an order that nests; what is not named stays as it was."""

import ast
from bisect import bisect_right
from typing import NamedTuple


class _Edit(NamedTuple):
    position: int
    rank: tuple[int, int, int]
    """Order among edits at one position: ends of inner spans, ends of outer ones, statements, starts."""
    text: bytes
    until: int
    """End of the text that is replaced; equal to `position` for an insertion."""


class Edits:
    """Edits of one source text. Positions are byte offsets into its UTF-8 form, as the parser counts columns."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._edits: list[_Edit] = []
        self._lines = [0]
        for line in source.split(b"\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.excepthandler) -> tuple[int, int]:
        """Where a node's text starts and ends; that of a generator expression is without its parentheses."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._lines[node.lineno - 1] + node.col_offset
        end = self._lines[node.end_lineno - 1] + node.end_col_offset
        # They may be those of the call around it.
        return (start + 1, end - 1) if isinstance(node, ast.GeneratorExp) else (start, end)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """A node's text."""
        start, end = self.span(node)
        return self._source[start:end].decode()

    def find(self, character: bytes, position: int) -> int:
        """Where a character comes next."""
        return self._source.index(character, position)

    def follows(self, character: bytes, position: int) -> bool:
        """Whether a character comes next, but for spaces."""
        return self._source[position:].lstrip().startswith(character)

    def around(self, node: ast.expr, before: str, after: str) -> None:
        """Put `before(` … `)after` around an expression."""
        self.wrap(*self.span(node), f"{before}(", f"){after}")

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

    def open_body(self, body: list[ast.stmt], statements: str) -> None:
        """Put statements at the start of a body, on a line of their own where they cannot share one."""
        first = body[0]
        start, _ = self.span(first)
        for decorator in getattr(first, "decorator_list", ()):
            start = min(start, self._source.rindex(b"@", 0, self.span(decorator)[0]))
        indent = self._source[self._lines[bisect_right(self._lines, start) - 1] : start]
        self.before(start, statements + ("; " if indent.strip() else "\n" + indent.decode()))

    def replace(self, start: int, end: int, text: str) -> None:
        """Put text in place of a span that holds no other edit."""
        self._edits.append(_Edit(start, (4, 0, len(self._edits)), text.encode(), end))

    def apply(self) -> tuple[str, tuple[int, ...]]:
        """The new text, and for each of its lines (from 1) the line it came from; index 0 is unused."""
        pieces: list[bytes] = []
        lines = [0, 1]
        done = 0
        for edit in [*sorted(self._edits), _Edit(len(self._source), (4, 0, 0), b"", 0)]:
            kept = self._source[done : edit.position]
            pieces += (kept, edit.text)
            for _ in range(kept.count(b"\n")):
                lines.append(lines[-1] + 1)
            lines += [lines[-1]] * edit.text.count(b"\n")
            done = edit.until
        return b"".join(pieces).decode(), tuple(lines)
