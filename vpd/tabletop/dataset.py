"""Writes scenes and questions as an ordinary data set, and beside it the truth that only this world can know."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vpd.tabletop.annotation import Annotation
from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.questions.asking import Question
from vpd.tabletop.rendering.picture import render
from vpd.tabletop.splits import Split

DEPTH_UNIT = 1000
"""Grey levels of a depth map per world unit."""


@dataclass(frozen=True, slots=True)
class Written:
    """What `generate` wrote."""

    questions: int
    images: int


def generate(
    out: Path, split: Split = "train", count: int = 1000, seed: int = 0, families: Sequence[str] | None = None
) -> Written:
    """Write `count` questions with their images under `out`; the same arguments, the same bytes.

    - `images/`: JPEG; the frames of a clip are numbered.
    - `questions.jsonl`: `{id, image | images, question, answer, answer_type, choices?, source, video?}`.
    - `annotations.jsonl`: `{image, width, height, objects: [{name, attributes, box}]}`, boxes in whole pixels
      around what is visible, `x1, y1, x2, y2`, origin top left.
    - `truth/questions.jsonl`: per question its family, what it asks, gold program, gold reasoning, and what in it
      is new to who learnt from the training split.
    - `truth/scenes.jsonl`: per image the text, the depth and the visible share of each object.
    - `truth/depth/`: depth maps, 16-bit PNG, `DEPTH_UNIT` levels to a world unit, larger is farther.

    Raises:
        UserError: an unknown split or family, or fewer questions than families.
    """
    scenes = asked_scenes(split, count, seed, families)
    questions = images = 0
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / "truth" / "depth").mkdir(parents=True, exist_ok=True)
    with (
        (out / "questions.jsonl").open("w", encoding="utf-8") as question_file,
        (out / "annotations.jsonl").open("w", encoding="utf-8") as annotation_file,
        (out / "truth" / "questions.jsonl").open("w", encoding="utf-8") as truth_file,
        (out / "truth" / "scenes.jsonl").open("w", encoding="utf-8") as scene_file,
    ):
        for number, asked in enumerate(scenes):
            names = _image_names(f"{split}-{seed}-{number:05d}", asked)
            for name, view in zip(names, asked.views, strict=True):
                render(view.scene).save(out / "images" / f"{name}.jpg", quality=93, subsampling=0)
                _save_depth(view, out / "truth" / "depth" / f"{name}.png")
                _write(annotation_file, annotation_row(f"images/{name}.jpg", view))
                _write(scene_file, _scene_row(f"images/{name}.jpg", view))
            for question in asked.questions:
                identity = f"tabletop-{split}-{seed}-{questions:06d}"
                _write(question_file, _question_row(identity, names, asked, question))
                _write(truth_file, _truth_row(identity, question))
                questions += 1
            images += len(names)
    return Written(questions, images)


def _image_names(stem: str, asked: Asked) -> list[str]:
    if asked.world == "clip":
        return [f"{stem}-{frame:02d}" for frame in range(len(asked.views))]
    return [stem]


def _write(file: Any, row: dict[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _question_row(identity: str, names: list[str], asked: Asked, question: Question) -> dict[str, Any]:
    paths = [f"images/{name}.jpg" for name in names]
    row: dict[str, Any] = {"id": identity}
    row |= {"images": paths} if asked.world == "clip" else {"image": paths[0]}
    row |= {"question": question.text, "answer": question.answer, "answer_type": question.answer_type}
    if question.choices:
        row["choices"] = list(question.choices)
    row["source"] = "tabletop"
    return row | ({"video": True} if asked.world == "clip" else {})


def annotation_row(image: str, view: Annotation) -> dict[str, Any]:
    """A line of `annotations.jsonl`."""
    objects = [
        {"name": seen.name, "attributes": list(seen.attributes), "box": list(seen.box)} for seen in view.seen
    ]
    return {"image": image, "width": view.width, "height": view.height, "objects": objects}


def _scene_row(image: str, view: Annotation) -> dict[str, Any]:
    objects = [
        {
            "name": seen.name,
            "text": seen.text,
            "box": list(seen.box),
            "visible": round(seen.share, 4),
            "depth": round(seen.depth, 4),
        }
        for seen in view.seen
    ]
    return {"image": image, "objects": objects}


def _truth_row(identity: str, question: Question) -> dict[str, Any]:
    query = question.query
    return {
        "id": identity,
        "family": query.family,
        "variant": query.variant,
        "kinds": [kind._asdict() for kind in query.kinds],
        "words": list(query.words),
        "program": question.program,
        "reasoning": [
            {"text": step.text, "boxes": [list(box) for box in step.boxes], "frame": step.frame}
            for step in question.solution.steps
        ],
        "new": list(question.novel),
    }


def _save_depth(view: Annotation, path: Path) -> None:
    levels = np.clip(np.rint(view.depth_map * DEPTH_UNIT), 0, 65535).astype(np.uint16)
    Image.fromarray(levels).save(path)
