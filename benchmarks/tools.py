"""Calls per second of every tool, one by one and in batches: `python benchmarks/tools.py [DATA]`.

Weights say nothing about speed, so every implementation runs its real library class on a small model of its own
architecture, initialised at random; what is measured is the adapter, and what batching saves of its overhead.
With DATA (a folder with `weights/yolov8n_int8.onnx` and `receipts/`), real weights are measured too.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from vision_tools.regions import Picture, Region
from vision_tools.registry import create
from vision_tools.roles import AnswerQuery, AttributeQuery, NameQuery, TextsQuery

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "vision_tools"))

import tiny_models

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
    for region in alone:
        call([query(region)])
    one_by_one = len(alone) / (time.perf_counter() - start)
    start = time.perf_counter()
    call([query(region) for region in together])
    return one_by_one, len(together) / (time.perf_counter() - start)


def row(name: str, role: str, speeds: tuple[float, float]) -> None:
    alone, batched = speeds
    print(f"{role:<10} {name:<24} {alone:>9.1f} {batched:>9.1f} {batched / alone:>7.1f} x", flush=True)


def real(data: Path, calls: int) -> None:
    from tool_accuracy import region

    photos = [region(file) for file in sorted((data / "photos" / "images").iterdir())[: 2 * calls]]
    detector = create("detector", "ultralytics", {"weights": str(data / "weights" / "yolov8n_int8.onnx")})
    half = len(photos) // 2
    row("yolov8n int8, 640 px", "detector", measure(detector, "detector", photos[:half], photos[half:]))
    receipts = [region(file) for file in sorted((data / "receipts" / "images").iterdir())]
    row(
        "rapidocr, receipts",
        "reader",
        measure(create("reader", "rapidocr", {}), "reader", receipts[:4], receipts[4:]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--calls", type=int, default=32)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'role':<10} {'model':<24} {'alone/s':>9} {'batch/s':>9} {'gain':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for model, role, name in TINY:
            torch.manual_seed(0)
            settings = getattr(tiny_models, model)(Path(folder) / model)
            tool = create(role, name, {**settings, "batch_size": arguments.calls})
            regions = (pictures(arguments.calls, seed) for seed in (1, 2))
            row(model, role, measure(tool, role, *regions))
    if arguments.data is not None:
        real(arguments.data, arguments.calls // 2)


if __name__ == "__main__":
    main()
