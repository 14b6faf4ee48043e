"""A benchmark's table and plot, printed and written to `docs/benchmarks/`."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "docs" / "benchmarks"


class Report:
    def __init__(self, name: str) -> None:
        self.name = name
        self._parts: list[str] = []

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
        self._parts.append("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))

    def bars(self, title: str, values: Sequence[tuple[str, float]], logarithmic: bool = False) -> None:
        """A horizontal bar chart."""
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(8, 0.5 * len(values) + 1.2), layout="constrained")
        names, heights = zip(*reversed(values), strict=True)
        bars = axes.barh(names, heights, color="#3b6ea8")
        axes.bar_label(bars, fmt="%.3g", padding=4)
        axes.set_title(title, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        if logarithmic:
            axes.set_xscale("log")
        axes.margins(x=0.15)
        FOLDER.mkdir(parents=True, exist_ok=True)
        figure.savefig(FOLDER / f"{self.name}.png", dpi=120)
        plt.close(figure)
        self._parts.append(f"![{title}]({self.name}.png)")

    def write(self, what: str) -> None:
        """Print the report, and write it with what was measured and on what."""
        machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
        head = f"# {self.name.capitalize()}\n\n{what}\n\nMeasured on {machine} with `python -m benchmarks {self.name}`."
        text = "\n\n".join([head, *self._parts]) + "\n"
        print(text)
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{self.name}.md").write_text(text, encoding="utf-8")
