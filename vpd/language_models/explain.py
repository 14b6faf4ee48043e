"""Why a request is not in the cache: the stored request nearest to it, and the fields that differ."""

from typing import Any, NamedTuple

from vpd.language_models.cache import unpack
from vpd.language_models.canonical import key
from vpd.language_models.database import Database

# Only so many of the newest requests are compared: about ten seconds' worth.
_COMPARED = 50_000
_SHOWN = 60


class Difference(NamedTuple):
    field: str
    """E.g. `temperature` or `messages[1].content`."""
    asked: str
    """The value asked for; of a long text, the part where it begins to differ."""
    stored: str


class Explanation(NamedTuple):
    key: str
    samples: tuple[int, ...]
    """Those stored for this very request; empty when it is a miss."""
    nearest: str | None
    """The key of the stored request that differs in the fewest fields; None in an empty cache."""
    differences: tuple[Difference, ...]


def explain(database: Database, form: dict[str, Any]) -> Explanation:
    """Compare a canonical request with what is stored."""
    request = key(form)
    rows = database.query("SELECT sample FROM completions WHERE request = ? ORDER BY sample", (request,))
    asked = _flatten(form)
    newest = database.query(
        "SELECT key, form FROM requests WHERE key <> ? ORDER BY created DESC LIMIT ?", (request, _COMPARED)
    )
    best: tuple[int, int] | None = None
    nearest, differences = None, ()
    for stored_key, packed in newest:
        stored = _flatten(unpack(packed))
        changed = [name for name in asked | stored if asked.get(name) != stored.get(name)]
        rank = (len(changed), -sum(_common(asked.get(name), stored.get(name)) for name in changed))
        if best is None or rank < best:
            best, nearest = rank, stored_key
            differences = tuple(_difference(name, asked.get(name), stored.get(name)) for name in changed)
    return Explanation(request, tuple(sample for (sample,) in rows), nearest, differences)


def _flatten(value: Any, name: str = "") -> dict[str, Any]:
    """Nested values by the path that leads to them."""
    if isinstance(value, dict):
        parts = [(f"{name}.{k}" if name else str(k), v) for k, v in value.items()]
    elif isinstance(value, list):
        parts = [(f"{name}[{i}]", v) for i, v in enumerate(value)]
    else:
        return {name: value}
    return {k: v for path, part in parts for k, v in _flatten(part, path).items()}


def _common(asked: Any, stored: Any) -> int:
    if not (isinstance(asked, str) and isinstance(stored, str)):
        return 0
    pairs = zip(asked, stored, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(asked), len(stored)))


def _difference(field: str, asked: Any, stored: Any) -> Difference:
    start = max(0, _common(asked, stored) - 10)
    return Difference(field, _show(asked, start), _show(stored, start))


def _show(value: Any, start: int) -> str:
    if value is None:
        return "nothing"
    if not isinstance(value, str):
        return repr(value)
    before = "…" if start else ""
    after = "…" if len(value) > start + _SHOWN else ""
    return before + value[start : start + _SHOWN] + after
