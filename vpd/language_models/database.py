"""The SQLite file that holds responses and spending, safe to share between processes and to kill.

A transaction that has returned survives the death of the process; only a power cut may lose the newest ones.
The file must lie on a local disk: write-ahead logging does not work over network file systems.
"""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vpd.language_models.errors import CacheError

_LAYOUT = 1

_TABLES = """
CREATE TABLE requests (
    key TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    form BLOB NOT NULL,             -- the canonical request, compressed JSON
    created REAL NOT NULL           -- seconds since 1970
);
CREATE TABLE completions (
    request TEXT NOT NULL REFERENCES requests ON DELETE CASCADE,
    sample INTEGER NOT NULL,
    completion BLOB NOT NULL,       -- compressed JSON
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (request, sample)
);
CREATE VIEW holdings AS
    SELECT key, endpoint, model,
        count(sample) AS completions,
        sum(prompt_tokens) AS prompt_tokens,
        sum(completion_tokens) AS completion_tokens,
        length(form) + sum(length(completion)) AS size,
        min(completions.created) AS oldest,
        max(completions.created) AS newest
    FROM requests JOIN completions ON request = key GROUP BY key;
CREATE TABLE spending (
    run TEXT NOT NULL,
    model TEXT NOT NULL,
    replies INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost REAL NOT NULL,
    PRIMARY KEY (run, model)
);
"""


class Database:
    """A connection for one thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            CacheError: it cannot be opened, is no database, or was written by another version.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=60)
            self._set_up()
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from None

    def _set_up(self) -> None:
        run = self._connection.execute
        run("PRAGMA auto_vacuum=INCREMENTAL")  # has an effect on a new file only, and before WAL
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=NORMAL")
        run("PRAGMA foreign_keys=ON")
        with self.transaction():
            layout = run("PRAGMA user_version").fetchone()[0]
            if layout == 0:
                for statement in _TABLES.split(";"):
                    run(statement)
                run(f"PRAGMA user_version={_LAYOUT}")
            elif layout != _LAYOUT:
                raise CacheError(
                    f"the response cache {self._path} was written by another version of vpd; name another "
                    "file, or delete this one"
                )

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing, and one process at a time.

        Raises:
            CacheError: the file cannot be written, or the disk is full.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._error(error) from None

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one statement.

        Raises:
            CacheError: the file cannot be read or written.
        """
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from None

    def shrink(self) -> None:
        """Give the space of what was removed back to the file system.

        Raises:
            CacheError: the file cannot be written.
        """
        try:
            # A script: `execute` would take a single step, and free a single page.
            self._connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")
        except sqlite3.Error as error:
            raise self._error(error) from None

    def close(self) -> None:
        self._connection.close()

    def _error(self, error: Exception) -> CacheError:
        return CacheError(
            f"the response cache {self._path} cannot be used ({error}); free disk space, or name another file"
        )
