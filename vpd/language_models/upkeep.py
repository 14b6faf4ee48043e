"""What the response cache holds, and making it smaller."""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from vpd.language_models.database import Database


class Holding(NamedTuple):
    """What is stored of one model."""

    endpoint: str
    model: str
    requests: int
    completions: int
    prompt_tokens: int
    completion_tokens: int
    size: int
    """Bytes of requests and completions, as stored."""
    oldest: datetime
    newest: datetime


class Removed(NamedTuple):
    requests: int
    completions: int


def holdings(database: Database) -> list[Holding]:
    """What is stored of each model, the largest first."""
    rows = database.query(
        "SELECT endpoint, model, count(*), sum(completions), sum(prompt_tokens), sum(completion_tokens),"
        " sum(size), min(oldest), max(newest) FROM holdings GROUP BY endpoint, model ORDER BY 7 DESC"
    )
    return [Holding._make([*counts, _date(oldest), _date(newest)]) for *counts, oldest, newest in rows]


def prune(database: Database, older_than: timedelta | None = None, max_bytes: int | None = None) -> Removed:
    """Remove requests with all their completions: those whose newest completion is older than `older_than`,
    then the oldest until at most `max_bytes` are stored."""
    doomed: list[str] = []
    with database.transaction():
        rows = database.query("SELECT key, size, newest FROM holdings ORDER BY newest, key")
        total = sum(size for _, size, _ in rows)
        limit = None if older_than is None else time.time() - older_than.total_seconds()
        for request, size, newest in rows:
            too_old = limit is not None and newest < limit
            too_much = max_bytes is not None and total > max_bytes
            if too_old or too_much:
                doomed.append(request)
                total -= size
        removed = sum(_remove(database, request) for request in doomed)
    database.shrink()
    return Removed(len(doomed), removed)


def clear(database: Database) -> Removed:
    """Remove every stored request and completion. What runs have spent stays on their account."""
    with database.transaction():
        requests = database.query("SELECT count(*) FROM requests")[0][0]
        completions = database.query("SELECT count(*) FROM completions")[0][0]
        database.query("DELETE FROM completions")
        database.query("DELETE FROM requests")
    database.shrink()
    return Removed(requests, completions)


def _remove(database: Database, request: str) -> int:
    completions = database.query("SELECT count(*) FROM completions WHERE request = ?", (request,))[0][0]
    database.query("DELETE FROM requests WHERE key = ?", (request,))
    return completions


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
