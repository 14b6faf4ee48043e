"""The three sets of questions: to learn from, to choose learning rates by, to be tested with."""

import random
import shutil
from pathlib import Path
from typing import NamedTuple

from benchmarks.student_study.plan import Plan
from vpd.tabletop.dataset import generate
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.splits import Split

SEED = 7
"""Another than that of the scenes that the bundled models are scored on."""

WORLDS = ("solids", "signs")
"""What the base can see: single images of 128 pixels."""


class Questions(NamedTuple):
    """Folders as `vpd tabletop generate` writes them, their questions in random order."""

    train: Path
    validation: Path
    test: Path


def draw_questions(plan: Plan) -> Questions:
    """Each set about compositions, in wordings, that the sets before it never show."""
    folder = plan.work / "questions"
    return Questions(
        _drawn(folder, "train", plan.drawn),
        _drawn(folder, "val", plan.validation),
        _drawn(folder, "test", plan.test),
    )


def _drawn(folder: Path, split: Split, count: int) -> Path:
    whole = folder / f"{split}-{count}"
    if whole.exists():
        return whole
    print(f"drawing {count} questions: {split}", flush=True)
    part = whole.with_name(f".{whole.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    generate(part, split, count, SEED, [name for name, each in FAMILIES.items() if each.world in WORLDS])
    file = part / "questions.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(SEED).shuffle(lines)  # so that the first so many are a fair part of all
    file.write_text("".join(lines), encoding="utf-8")
    part.rename(whole)
    return whole
