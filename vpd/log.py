"""The run's log: one JSON object a line, with its time; the only place where a run's times are kept."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Log:
    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, event: str, **values: Any) -> None:
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **values}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def warn(self, message: str) -> None:
        """Write a warning, to the log and to standard error."""
        self.write("warning", message=message)
        print(f"warning: {message}", file=sys.stderr)

    def read(self, *events: str) -> Iterator[dict[str, Any]]:
        """The entries of these kinds, oldest first; a line that a crash cut short is passed over."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                except json.JSONDecodeError:
                    continue
                if entry.get("event") in events:
                    yield entry
