"""`vpd export`."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

from vpd.errors import UserError
from vpd.store import open_run


def run_export(root: Path, name: str, form: str) -> None:
    tables = open_run(root).tables
    if name not in tables:
        raise UserError(f"there is no table {name!r}; there are {', '.join(tables)}")
    table = tables[name]
    if not len(table):
        raise UserError(f"{root} has no {name} yet")
    try:
        if form == "jsonl":
            for row in table.rows():
                print(row.model_dump_json())
        elif form == "csv":
            writer = csv.writer(sys.stdout)
            writer.writerow(table.record.model_fields)
            for row in table.rows():
                writer.writerow(_cell(value) for value in row.model_dump(mode="json").values())
        else:
            raise UserError(f"--format {form}: choose jsonl or csv")
    except BrokenPipeError:
        sys.stderr.close()  # `| head` has seen enough


def _cell(value: Any) -> str:
    """Nested values as JSON; a text that a spreadsheet would run as a formula is made plain."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return json.dumps(value, ensure_ascii=False)
