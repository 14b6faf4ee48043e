"""Tool results on disk, found again by what was asked: content-addressed, safe to kill at any instant."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from vpd.errors import UserError

# Part of every key: raised when the meaning of a stored result changes.
_SCHEMA = "1"

_AT_ONCE = 500
"""Keys in one query; SQLite has a limit."""


class ResultCache:
    """A key-value store in one SQLite file that several processes may share.

    A result is committed before any program sees it, so a killed run never repeats a call that was answered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=60)
        self._db.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing; only a power cut may lose the newest results.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, value TEXT) WITHOUT ROWID"
        )

    def get(self, key: bytes) -> str | None:
        row = self._db.execute("SELECT value FROM results WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def get_all(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """The results of those keys that are known."""
        found: dict[bytes, str] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = f"SELECT key, value FROM results WHERE key IN ({marks})"  # noqa: S608 - question marks alone
            found.update(self._db.execute(query, some))
        return found

    def put(self, results: Iterable[tuple[bytes, str]]) -> None:
        """Store results in one transaction.

        Raises:
            UserError: the disk is full, or the file cannot be written.
        """
        try:
            with self._db:  # commits
                self._db.execute("BEGIN")
                self._db.executemany("INSERT OR REPLACE INTO results VALUES (?, ?)", results)
        except sqlite3.OperationalError as error:
            raise UserError(f"cannot write the tool cache {self._path}: {error}") from error

    def close(self) -> None:
        self._db.close()


def result_key(*parts: str) -> bytes:
    """The key of a call: a digest of everything that its result depends on."""
    # The lengths keep ("ab", "c") and ("a", "bc") apart.
    text = "".join(f"{len(part)}:{part}" for part in (_SCHEMA, *parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()
