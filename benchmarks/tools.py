"""Calls per second of every tool, one by one and in batches."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from benchmarks.results import Report
from benchmarks.tool_accuracy import DATA, WEIGHTS, region
from vision_tools.regions import Picture, Region
from vision_tools.registry import create
from vision_tools.roles import AnswerQuery, AttributeQuery, NameQuery, TextsQuery

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "vision_tools"))

import tiny_models

CALLS = 32

Row = tuple[str, str, str, str, str]

_WHAT = f"""Every implementation runs its real library class on one core. The first table: on a small model of its own
architecture, initialised at random, with {CALLS} pictures of 224 pixels one by one and then all at once, which the
tool takes in batches of its default size. What is measured is the adapter, and what batching saves of its overhead; a
large model gains more where a GPU is idle between calls. The readers read lines of drawn text ({CALLS // 4})."""

# model, role, tool
TINY = [
    ("grounding_dino", "detector", "grounding_dino"),
    ("mm_grounding_dino", "detector", "grounding_dino"),
    ("owlv2", "detector", "owl"),
    ("groundingdino_py", "detector", "groundingdino_py"),
    ("yolo", "detector", "ultralytics"),
    ("yolo_world", "detector", "yolo_open"),
    ("yoloe", "detector", "yolo_open"),
    ("torchvision_ssd", "detector", "torchvision"),
    ("clip", "scorer", "transformers"),
    ("siglip", "scorer", "transformers"),
    ("siglip2", "scorer", "transformers"),
    ("open_clip", "scorer", "open_clip"),
    ("depth_anything", "depth", "transformers"),
    ("dpt", "depth", "transformers"),
    ("zoedepth", "depth", "transformers"),
    ("sam", "segmenter", "sam"),
    ("sam2", "segmenter", "sam"),
    ("qwen3_vl", "answerer", "transformers"),
    ("blip2", "answerer", "transformers"),
    ("florence2", "reader", "florence2"),
]

METHODS: dict[str, tuple[str, Callable[[Region], Any]]] = {
    "detector": ("detect", lambda region: NameQuery(region, "cat")),
    "attributes": ("verify", lambda region: AttributeQuery(region, "cat", "red")),
    "scorer": ("score", lambda region: TextsQuery(region, ("a cat", "a dog"))),
    "depth": ("depth", lambda region: region),
    "reader": ("read", lambda region: region),
    "segmenter": ("segment", lambda region: region),
    "answerer": ("answer", lambda region: AnswerQuery(region, "what is this")),
}


def pictures(count: int, seed: int, side: int = 224) -> list[Region]:
    """Distinct pictures: tools remember those they have seen."""
    random = np.random.default_rng(seed)
    regions = []
    for i in range(count):
        image = Image.fromarray(random.integers(0, 255, (side, side, 3), dtype=np.uint8))
        regions.append(Region(Picture(f"{seed}-{i}", lambda image=image: image), (0, 0, side, side)))
    return regions


def measure(tool: Any, role: str, alone: Sequence[Region], together: Sequence[Region]) -> tuple[float, float]:
    """Calls per second, one by one and as one batch."""
    method, query = METHODS[role]
    call = getattr(tool, method)
    call([query(pictures(1, seed=99)[0])])  # loads the model
    start = time.perf_counter()
    for each in alone:
        call([query(each)])
    one_by_one = len(alone) / (time.perf_counter() - start)
    start = time.perf_counter()
    call([query(region) for region in together])
    return one_by_one, len(together) / (time.perf_counter() - start)


def real() -> list[Row]:
    """Of real weights on real images, where there are any."""
    if not DATA.is_dir():
        return []
    photos = [region(file) for file in sorted((DATA / "photos" / "images").iterdir())[:CALLS]]
    yolo = create("detector", "ultralytics", {"weights": str(WEIGHTS)})
    half = len(photos) // 2
    receipts = [region(file) for file in sorted((DATA / "receipts" / "images").iterdir())]
    reader = create("reader", "rapidocr", {})
    return [
        row("YOLOv8n int8, 640 px", "detector", measure(yolo, "detector", photos[:half], photos[half:])),
        row("PP-OCR on receipts", "reader", measure(reader, "reader", receipts[:4], receipts[4:])),
    ]


def row(name: str, role: str, speeds: tuple[float, float]) -> Row:
    alone, batched = speeds
    return (role, name, f"{alone:.1f}", f"{batched:.1f}", f"{batched / alone:.1f}")


def main() -> None:
    torch.set_num_threads(1)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for model, role, name in TINY:
            torch.manual_seed(0)
            settings = _settings(model, Path(folder) / model)
            tool = create(role, name, settings)
            regions = (pictures(CALLS, seed) for seed in (1, 2))
            rows.append(row(f"`{name}`: {model}", role, measure(tool, role, *regions)))
    readers = [name for name in ("rapidocr", "tesseract") if name == "rapidocr" or shutil.which(name)]
    for name in readers:
        tool = create("reader", name, {})
        signs = ([_sign(f"{name} {seed} {i}") for i in range(CALLS // 4)] for seed in (1, 2))
        rows.append(row(f"`{name}`: its own model", "reader", measure(tool, "reader", *signs)))
    report = Report("tools")
    report.table(("role", "tool: model", "alone (calls/s)", f"{CALLS} at once (calls/s)", "times"), rows)
    if found := real():
        report.table(
            ("role", "real weights, real images", "alone (calls/s)", "at once (calls/s)", "times"), found
        )
    report.write(_WHAT)


def _settings(model: str, folder: Path) -> dict[str, Any]:
    if model == "florence2":
        return {**tiny_models.saved(folder, *tiny_models.florence2()), "max_new_tokens": 16}
    return getattr(tiny_models, model)(folder)


def _sign(text: str) -> Region:
    """A picture of a line of text."""
    image = Image.new("RGB", (320, 64), "white")
    ImageDraw.Draw(image).text((10, 16), text, fill="black", font_size=28)
    return Region(Picture(text, lambda: image), (0, 0, *image.size))


if __name__ == "__main__":
    main()
