"""What the tools did, over all the sessions that made a run."""

from collections import Counter, defaultdict

from vpd.log import Log
from vpd.reporting.summary import Table


def tool_table(log: Log) -> Table:
    """One line per role: calls, how they were answered, realised batch sizes, seconds."""
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for entry in log.read("tools"):
        for role, counts in entry["tools"].items():
            totals[role].update(counts)
    return Table(
        title="Tools",
        columns=("role", "calls", "cache hits", "shared", "failures", "batches", "mean batch", "seconds"),
        rows=[
            (
                role,
                n["calls"],
                n["cache_hits"],
                n["shared"],
                n["failures"],
                n["batches"],
                round(n["batched_calls"] / n["batches"], 1) if n["batches"] else None,
                round(n["seconds"], 2),
            )
            for role, n in sorted(totals.items())
        ],
        note="calls by programs; cache hits were answered from disk, shared joined an identical call in flight.",
    )
