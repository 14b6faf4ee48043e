"""Completions on disk, found again by the whole request: what was answered once is never paid for again."""

import json
import time
import zlib
from collections.abc import Mapping
from typing import Any

from vpd.language_models.canonical import dump, key
from vpd.language_models.database import Database
from vpd.language_models.protocol import Completion, Identity

# Below this many replies, their mean length says little.
_ENOUGH = 20


class ResponseCache:
    """One row for each sample of each request, so that five samples after three cost two."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, request: str, samples: range) -> dict[int, Completion]:
        """The stored completions among these samples of the request with this key."""
        rows = self._database.query(
            "SELECT sample, completion FROM completions WHERE request = ? AND sample >= ? AND sample < ?",
            (request, samples.start, samples.stop),
        )
        return {
            sample: Completion.model_validate_json(zlib.decompress(completion)) for sample, completion in rows
        }

    def put(self, form: dict[str, Any], completions: Mapping[int, Completion]) -> dict[int, Completion]:
        """Store completions of a canonical request; refusals and empty replies are passed over.

        The first to store a sample wins, so that processes that asked the same at once agree in the end.
        Must be called within a transaction of the database.

        Returns:
            The completions to use in place of those given.
        """
        request = key(form)
        good = {sample: c for sample, c in completions.items() if c.problem is None}
        if not good:
            return dict(completions)
        stored = self.get(request, range(min(good), max(good) + 1))
        now = time.time()
        self._database.query(
            "INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?, ?)",
            (request, form["endpoint"], form["model"], _pack(dump(form)), now),
        )
        for sample, completion in good.items():
            usage = completion.usage
            self._database.query(
                "INSERT OR IGNORE INTO completions VALUES (?, ?, ?, ?, ?, ?)",
                (
                    request,
                    sample,
                    _pack(completion.model_dump_json()),
                    usage.prompt_tokens,
                    usage.completion_tokens,
                    now,
                ),
            )
        return {sample: stored.get(sample, completion) for sample, completion in completions.items()}

    def form(self, request: str) -> dict[str, Any] | None:
        """The canonical request that was stored under a key."""
        rows = self._database.query("SELECT form FROM requests WHERE key = ?", (request,))
        return unpack(rows[0][0]) if rows else None

    def mean_completion_tokens(self, identity: Identity) -> float | None:
        """How long this model's stored completions are; None when there are too few to tell."""
        count, mean = self._database.query(
            "SELECT count(*), avg(completion_tokens) FROM completions JOIN requests ON key = request"
            " WHERE endpoint = ? AND model = ?",
            (identity.endpoint, identity.model),
        )[0]
        return mean if count >= _ENOUGH else None


def unpack(form: bytes) -> dict[str, Any]:
    return json.loads(zlib.decompress(form))


def _pack(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), level=1)
