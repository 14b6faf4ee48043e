"""A benchmark's table and plot, printed and written to `docs/benchmarks/`."""

import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "docs" / "benchmarks"


class Report:
    def __init__(self, name: str, folder: Path = FOLDER, command: str | None = None) -> None:
        """
        Args:
            name: the benchmark's.
            folder: where the report is written.
            command: what was typed, where options were given.
        """
        self.name = name
        self._folder = folder
        self._command = command or f"python -m benchmarks {name}"
        self._parts: list[str] = []

    def text(self, *paragraphs: str) -> None:
        self._parts.extend(paragraphs)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        self._parts.append(table(columns, rows))

    def bars(self, title: str, values: Sequence[tuple[str, float]], logarithmic: bool = False) -> None:
        """A horizontal bar chart."""

        def draw(axes: Any) -> None:
            names, heights = zip(*reversed(values), strict=True)
            bars = axes.barh(names, heights, color="#3b6ea8")
            axes.bar_label(bars, fmt="%.3g", padding=4)
            if logarithmic:
                axes.set_xscale("log")
            axes.margins(x=0.15)

        self.figure(title, draw, 0.5 * len(values) + 1.2)

    def figure(self, title: str, draw: Callable[[Any], None], height: float = 4.5) -> None:
        """The report's one plot.

        Args:
            title: stands above it.
            draw: draws on matplotlib's axes.
            height: in inches; it is 8 wide.
        """
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(8, height), layout="constrained")
        draw(axes)
        axes.set_title(title, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        self._folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(self._folder / f"{self.name}.png", dpi=120)
        plt.close(figure)
        self._parts.append(f"![{title}]({self.name}.png)")

    def write(self, what: str) -> None:
        """Print the report, and write it with what was measured and on what."""
        machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
        head = f"# {self.name.capitalize()}\n\n{what}\n\nMeasured on {machine} with `{self._command}`."
        text = "\n\n".join([head, *self._parts]) + "\n"
        print(text)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{self.name}.md").write_text(text, encoding="utf-8")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; all columns but the first are of figures."""
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
