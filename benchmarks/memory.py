"""Peak memory of `vpd verify` as the number of questions grows.

python -m benchmarks memory
"""

import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

from PIL import Image

from benchmarks.results import Report

SIZES = (1_000, 10_000, 100_000)
PROGRAM = """def execute_command(image) -> str:
    cubes = image.find("cube")
    return str(len(cubes))
"""


def main() -> None:
    rows = [measure(size) for size in SIZES]
    report = Report("memory")
    report.table(
        ("questions", "seconds", "programs/s", "peak memory (MB)", "times the smallest"),
        [
            (f"{n:,}", f"{seconds:.0f}", f"{n / seconds:.0f}", f"{peak:.0f}", f"{peak / rows[0][2]:.2f}")
            for n, seconds, peak in rows
        ],
    )
    report.write(
        "One program a question, `detector=annotations`, cache on and cold: reading, running, judging. "
        "Peak resident memory of the main process."
    )


def measure(questions: int) -> tuple[int, float, float]:
    """Questions, seconds, and peak resident memory in MB, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_run, (questions,))


def _run(questions: int) -> tuple[int, float, float]:
    from vpd.execution.settings import ToolSettings
    from vpd.inputs.settings import DataSettings
    from vpd.pipeline.inputs import read_inputs
    from vpd.pipeline.rounds import verify
    from vpd.recipe import Recipe
    from vpd.store import Run

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for shade in range(100):
            Image.new("RGB", (64, 64), (shade, 0, 0)).save(root / f"{shade}.png")
        with (root / "annotations.jsonl").open("w") as file:
            for shade in range(100):
                cubes = [{"name": "cube", "box": [0, 0, 9, 9]}] * (shade % 4)
                row = {"image": f"{shade}.png", "width": 64, "height": 64, "objects": cubes}
                file.write(json.dumps(row) + "\n")
        with (root / "questions.jsonl").open("w") as file:
            for i in range(questions):
                row = {
                    "id": str(i),
                    "image": f"{i % 100}.png",
                    "question": "How many cubes?",
                    "answer": str(i % 4),
                }
                file.write(json.dumps(row) + "\n")
        (root / "candidates.jsonl").write_text(
            json.dumps({"question": "How many cubes?", "programs": [PROGRAM]})
        )
        recipe = Recipe(
            data=DataSettings(
                questions=root / "questions.jsonl",
                images=root,
                annotations=root / "annotations.jsonl",
                candidates=root / "candidates.jsonl",
            ),
            tools={"detector": ToolSettings(name="annotations")},
        )
        run = Run(root / "run")
        started = time.perf_counter()
        with run.lock():
            read_inputs(recipe, run)
            verify(recipe, run, root / "cache.sqlite")
        seconds = time.perf_counter() - started
    return questions, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
