"""The evidence that earlier runs found, in the cache of tool results: the same inputs give the same evidence."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from pydantic import TypeAdapter, ValidationError

from vpd.execution.cache import ResultCache, result_key
from vpd.records import Evidence

_ROWS = TypeAdapter(list[Evidence])


class Remembered:
    """Evidence by what it depends on; nothing is known, and nothing kept, without a cache."""

    def __init__(self, cache: ResultCache | None, made_by: str) -> None:
        """
        Args:
            cache: shared with the tools' results.
            made_by: fingerprint of the code and the settings that evidence depends on.
        """
        self._cache = cache
        # A run directory is often done with when the program is updated; the cache stays.
        self._made_by = (made_by, version("vpd"), version("pydantic-monty"))

    def keys(self, digests: Sequence[str], elsewhere: Sequence[Mapping[str, Sequence[int]]]) -> list[bytes]:
        """What the evidence on each question is known by.

        Args:
            digests: of each question with its programs and what these did.
            elsewhere: for each, by program, the numbers of the questions about the images of which it can be run.
        """
        return [
            result_key(
                "evidence",
                *self._made_by,
                digest,
                json.dumps([[program, [digests[n] for n in numbers]] for program, numbers in others.items()]),
            )
            for digest, others in zip(digests, elsewhere, strict=True)
        ]

    def find(self, keys: Sequence[bytes]) -> list[list[Evidence] | None]:
        """The rows of each question; None where they are not known, or what is kept is damaged."""
        kept = {} if self._cache is None else self._cache.get_all(keys)
        return [_read(kept[key]) if key in kept else None for key in keys]

    def keep(self, found: Iterable[tuple[bytes, Sequence[Evidence]]]) -> None:
        """Store the rows of some questions in one transaction.

        Raises:
            UserError: the disk is full, or the file cannot be written.
        """
        if self._cache is not None and (entries := [(key, _written(rows)) for key, rows in found]):
            self._cache.put(entries)


def _written(rows: Sequence[Evidence]) -> str:
    text = _ROWS.dump_json(list(rows), exclude_defaults=True).decode()
    return f"{_checksum(text)} {text}"


def _read(entry: str) -> list[Evidence] | None:
    checksum, _, text = entry.partition(" ")
    if checksum != _checksum(text):
        return None
    try:
        return _ROWS.validate_json(text)
    except ValidationError:
        return None


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
