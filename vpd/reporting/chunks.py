"""Rows → script files that the page loads when it needs them.

A page opened from disk may load scripts but not fetch data, so rows travel in scripts. They travel as
compressed JSON in base64: nothing that a run wrote stands in a script in a form that could be executed.
"""

import base64
import json
import zlib
from pathlib import Path
from typing import Any, NamedTuple


class Place(NamedTuple):
    """Where a row went."""

    chunk: int
    position: int


class ChunkWriter:
    """Writes `<name>-<chunk>.js` files of about `limit` characters of JSON each, and at least one row."""

    def __init__(self, folder: Path, name: str, limit: int) -> None:
        self._folder = folder
        self._name = name
        self._limit = limit
        self._rows: list[str] = []
        self._size = 0
        self.chunks = 0

    def add(self, row: Any) -> Place:
        """Add a JSON value. NaN and infinity are refused: a browser could not read them."""
        text = json.dumps(row, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        if self._size + len(text) > self._limit:
            self.flush()
        self._rows.append(text)
        self._size += len(text)
        return Place(self.chunks, len(self._rows) - 1)

    def flush(self) -> None:
        """Write what has been added since the last chunk, if anything."""
        if not self._rows:
            return
        # Lone surrogates have no UTF-8; a program's text may hold one.
        content = f"[{','.join(self._rows)}]".encode(errors="replace")
        payload = base64.b64encode(zlib.compress(content)).decode()
        name = f"{self._name}-{self.chunks}"
        (self._folder / f"{name}.js").write_text(f'vpd.data.receive("{name}","{payload}");\n')
        self._rows, self._size = [], 0
        self.chunks += 1
