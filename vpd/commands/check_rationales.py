"""`vpd check-rationales`: rationales from anywhere, held against what a run's tools reported."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from vpd.commands.terminal import print_table
from vpd.errors import UserError
from vpd.pipeline.distill_check import Checked, check_file
from vpd.reporting.summary import Table
from vpd.store import open_run

_SHOWN = 100
"""Rows that are printed; the report has all."""


def run_check_rationales(file: Path, root: Path, out: Path | None) -> bool:
    """Check a file against a run, print unsupported claims, and write a report.

    Returns:
        Whether some rationales could be checked, and all of those say only what was seen.

    Raises:
        UserError: the run or a line of the file cannot be read; an earlier report stays as it is.
    """
    run = open_run(root)
    out = out or file.with_name(f"{file.stem}-checked.jsonl")
    if out.resolve() == file.resolve():
        raise UserError(f"the report would take the place of {file}; name another file with --out")
    count: Counter[str] = Counter()
    shown: list[Checked] = []
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as report:
            for row in check_file(file, run):
                report.write(json.dumps(row.as_dict(), ensure_ascii=False) + "\n")
                kind = "unknown" if row.problem is not None else "faulty" if row.claims else "fine"
                count[kind] += 1
                if kind != "fine" and len(shown) < _SHOWN:
                    shown.append(row)
        part.replace(out)
    except OSError as error:
        raise UserError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    if shown:
        print_table(_table(shown, count["faulty"] + count["unknown"]))
    print(
        f"{count['fine'] + count['faulty']:,} rationales checked: {count['faulty']:,} with unsupported claims"
        + (f"; {count['unknown']:,} could not be checked" if count["unknown"] else "")
        + f"; the report is {out}"
    )
    return count["fine"] > 0 and not count["faulty"]


def _table(rows: list[Checked], of: int) -> Table:
    return Table(
        title="Not borne out",
        columns=("line", "question", "claim", ""),
        rows=[cells for row in rows for cells in _cells(row)],
        note=f"The first {len(rows):,} of {of:,} rows; the report has all." if of > len(rows) else "",
    )


def _cells(row: Checked) -> Iterator[tuple[str | int, ...]]:
    if row.problem is not None:
        yield row.line, row.example_id or "?", "", row.problem
    for claim in row.claims:
        yield row.line, row.example_id or "?", claim.text, claim.reason
