"""Simulated programs, kept on disk: to draw and try them takes minutes for each hundred questions."""

import gzip
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from benchmarks.tabletop_programs.noise import Errors
from benchmarks.tabletop_programs.simulate import Judged, simulate
from vpd.records import Candidate, Example, Execution
from vpd.tabletop.splits import Split

PER_PART = 104
"""Questions that are simulated, and kept, together."""


def judged(split: Split, parts: range, processes: int) -> list[Judged]:
    """The programs of several parts, simulated where they are not kept yet."""
    rows: list[Judged] = []
    for part in parts:
        path = file_of(split, part)
        if not path.exists():
            keep(path, simulate(split, PER_PART, seed=part, k=5, processes=processes))
        rows += read(path)
    return rows


def file_of(split: Split, part: int) -> Path:
    return user_cache_path("vpd") / "benchmarks" / f"tabletop-programs-{split}-{PER_PART}-{part}.json.gz"


def keep(path: Path, rows: list[Judged]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    with gzip.open(temporary, "wt", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(_plain(row), ensure_ascii=False) + "\n")
    temporary.replace(path)


def read(path: Path) -> list[Judged]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [_judged(json.loads(line)) for line in file]


def _plain(row: Judged) -> dict[str, Any]:
    return {
        "example": row.example.model_dump(mode="json"),
        "candidates": [each.model_dump(mode="json") for each in row.candidates],
        "executions": [each.model_dump(mode="json") for each in row.executions],
        "again": row.again,
        "right": row.right,
        "mistakes": row.mistakes,
        "errors": asdict(row.errors),
    }


def _judged(row: dict[str, Any]) -> Judged:
    return Judged(
        example=Example(**row["example"]),
        candidates=[Candidate(**each) for each in row["candidates"]],
        executions=[Execution(**each) for each in row["executions"]],
        again=row["again"],
        right=row["right"],
        mistakes=[tuple(each) for each in row["mistakes"]],
        errors=Errors(**row["errors"]),
    )
