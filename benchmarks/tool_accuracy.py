"""How right the tools are on the real images of `../shared/data`."""

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.results import Report
from vision_tools import phrases
from vision_tools.boxes import overlap
from vision_tools.decoding import open_image
from vision_tools.rapidocr import RapidOcr
from vision_tools.regions import Box, Picture, Region
from vision_tools.roles import Detection, Detector, NameQuery, TextReader
from vision_tools.ultralytics import Ultralytics
from vpd.execution.settings import ToolSettings
from vpd.inputs.settings import DataSettings
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import verify
from vpd.recipe import Recipe
from vpd.store import Run
from vpd.verification.settings import VerificationSettings

DATA = Path(__file__).parents[1].parent / "shared" / "data"
WEIGHTS = DATA / "weights" / "yolov8n_int8.onnx"
THRESHOLDS = np.linspace(0.5, 0.95, 10)


def region(file: Path) -> Region:
    """All of an image file, decoded once."""
    image: list[Image.Image] = []

    def load() -> Image.Image:
        if not image:
            image.append(open_image(file))
        return image[0]

    return Region(Picture(hashlib.sha256(file.read_bytes()).hexdigest(), load), (0, 0, *load().size))


def average_precision(
    detector: Detector, folder: Path, classes: Sequence[str], images: int | None = None
) -> tuple[float, float]:
    """COCO's AP at .5 and averaged over .5 to .95, the mean over the classes that are annotated.

    The detector is asked for every class by name on every annotated image. 101-point interpolated precision,
    as in pycocotools; crowds are not told apart.

    Args:
        images: how many of the annotated images to use; None uses all.
    """
    lines = [json.loads(line) for line in (folder / "annotations.jsonl").read_text().splitlines()][:images]
    regions = [region(folder / line["image"]) for line in lines]
    truth = {name: [_boxes(line, name) for line in lines] for name in classes}
    scores: list[np.ndarray] = []
    for name in classes:
        if total := sum(map(len, truth[name])):
            found = detector.detect([NameQuery(r, name) for r in regions])
            scores.append(np.array([_precision(found, truth[name], total, t) for t in THRESHOLDS]))
    mean = np.mean(scores, axis=0)
    return float(mean[0]), float(mean.mean())


def _boxes(line: dict, name: str) -> list[Box]:
    asked = phrases.parse(name)
    return [Box(*o["box"]) for o in line["objects"] if phrases.modifiers(asked, o["name"]) == ()]


def _precision(
    found: Sequence[Sequence[Detection]], truth: Sequence[Sequence[Box]], total: int, threshold: float
) -> float:
    ranked = sorted(((d, i) for i, ds in enumerate(found) for d in ds), key=lambda pair: -pair[0].score)
    taken: set[tuple[int, int]] = set()
    hits = []
    for detection, image in ranked:
        free = [
            (overlap(detection.box, box), k) for k, box in enumerate(truth[image]) if (image, k) not in taken
        ]
        best, k = max(free, default=(0.0, -1))
        hits.append(best >= threshold)
        if best >= threshold:
            taken.add((image, k))
    if not hits:
        return 0.0
    correct = np.cumsum(hits)
    recall, precision = correct / total, correct / np.arange(1, len(hits) + 1)
    return float(np.mean([max(precision[recall >= r], default=0.0) for r in np.linspace(0, 1, 101)]))


def answers_read(reader: TextReader, folder: Path) -> dict[str, tuple[int, int]]:
    """For each kind of question on the receipts, how many answers stand in the text read, and of how many.

    Spaces and case are ignored.
    """
    questions = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
    files = sorted({question["image"] for question in questions})
    read = {}
    for file, lines in zip(files, reader.read([region(folder / file) for file in files]), strict=True):
        read[file] = _plain(" ".join(line.text for line in lines))
    counts: dict[str, tuple[int, int]] = {}
    for question in questions:
        kind = question["id"].rpartition("-")[2]
        right, total = counts.get(kind, (0, 0))
        counts[kind] = (right + (_plain(question["answer"]) in read[question["image"]]), total + 1)
    return counts


def _plain(text: str) -> str:
    return "".join(text.lower().split())


def answers_given() -> dict[str, tuple[int, int, int, int]]:
    """By kind of question on the receipts, with programs that a language model wrote: questions, those that any of
    five programs answers exactly, programs, right programs."""
    recipe = Recipe(
        data=DataSettings(
            questions=DATA / "receipts" / "questions.jsonl",
            images=DATA / "receipts",
            candidates=DATA / "llm_programs.jsonl",
        ),
        tools={"reader": ToolSettings(name="rapidocr")},
        verification=VerificationSettings(preset="paper"),
    )
    counts: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        with run.lock():
            read_inputs(recipe, run)
            verify(recipe, run, Path(folder) / "cache.sqlite")
        right: dict[str, list[bool]] = {}
        for verdict in run.verdicts.rows():
            right.setdefault(verdict.example_id, []).append(bool(verdict.correct))
        for id, programs in right.items():
            found = (1, any(programs), len(programs), sum(programs))
            kind = id.rpartition("-")[2]
            counts[kind] = [a + b for a, b in zip(counts.get(kind, [0] * 4), found, strict=True)]
    return {kind: tuple(each) for kind, each in counts.items()}


def main() -> None:
    if not DATA.is_dir():
        sys.exit(f"this benchmark needs the real images in {DATA}")
    report = Report("tool_accuracy")
    classes = (DATA / "weights" / "coco.names").read_text().splitlines()
    ap50, ap = average_precision(Ultralytics(WEIGHTS, confidence=0.01), DATA / "photos", classes)
    report.table(
        ("detector", "annotated photographs", "AP at .50", "AP at .50 to .95"),
        [
            (
                "YOLOv8n, int8",
                len((DATA / "photos" / "annotations.jsonl").read_text().splitlines()),
                f"{ap50:.3f}",
                f"{ap:.3f}",
            )
        ],
    )
    read, given = answers_read(RapidOcr(), DATA / "receipts"), answers_given()
    report.table(
        (
            "on a receipt",
            "stands in the text that rapidocr reads",
            "any of five programs exact",
            "programs exact",
        ),
        [
            (kind, "{} of {}".format(*read[kind]), f"{any_of} of {questions}", f"{right} of {programs}")
            for kind, (questions, any_of, programs, right) in given.items()
        ],
    )
    report.write(_WHAT)


_WHAT = """Detector: COCO's average precision, the mean over the annotated classes of 30 photographs of COCO val2017;
the detector is asked for each class by name. Receipts (ICDAR-2019 SROIE, 8 scans): first whether the answer stands in
what is read, spaces and case ignored, then what five programs for each question give, written by a language model
that saw neither images nor answers, by the rules of `vpd verify`."""


if __name__ == "__main__":
    main()
