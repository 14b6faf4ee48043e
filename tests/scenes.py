"""A small data set that tests draw: discs on a table, questions about them, and programs good and bad."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (50, 80, 200)}

COUNT = """def execute_command(image) -> str:
    discs = image.find("{colour} disc")
    return str(len(discs))
"""
LOOP = """def execute_command(image) -> str:
    count = 0
    for disc in image.find("disc"):
        if disc.verify_property("disc", "{colour}"):
            count += 1
    return str(count)
"""
ALWAYS_TWO = """def execute_command(image) -> str:
    return "2"
"""
CRASH = """def execute_command(image) -> str:
    discs = image.find("disc")
    return discs[99].category
"""
NO_TOOL = """def execute_command(image) -> str:
    return image.simple_query("How many {colour} discs are there?")
"""


@dataclass(frozen=True)
class DataSet:
    root: Path

    @property
    def options(self) -> list[str]:
        """The options of `vpd verify` that name its files."""
        return [
            *("--questions", str(self.root / "questions.jsonl")),
            *("--images", str(self.root / "images")),
            *("--annotations", str(self.root / "annotations.jsonl")),
            *("--candidates", str(self.root / "candidates.jsonl")),
        ]


def draw(root: Path, count: int) -> DataSet:
    """`count` scenes with a counting question each, and five programs a question."""
    rng = random.Random(0)
    (root / "images").mkdir(parents=True)
    questions, annotations, candidates = [], [], []
    for i in range(count):
        image = Image.new("RGB", (120, 90), (150, 150, 145))
        pen = ImageDraw.Draw(image)
        objects = []
        for place in range(rng.randrange(1, 6)):
            colour = rng.choice(list(COLOURS))
            box = [4 + 22 * place, 30, 22 + 22 * place, 48]
            pen.ellipse(box, fill=COLOURS[colour])
            objects.append({"name": "disc", "attributes": [colour], "box": box})
        name = f"{i:04d}.png"
        image.save(root / "images" / name)
        colour = rng.choice(list(COLOURS))
        answer = sum(colour in each["attributes"] for each in objects)
        annotations.append({"image": name, "width": 120, "height": 90, "objects": objects})
        questions.append(
            {
                "id": f"q{i}",
                "image": name,
                "question": f"How many {colour} discs are there?",
                "answer": answer,
                "source": "discs",
            }
        )
        programs = [p.replace("{colour}", colour) for p in (COUNT, LOOP, ALWAYS_TWO, CRASH, NO_TOOL)]
        candidates.append({"example_id": f"q{i}", "programs": programs})
    for name, rows in (("questions", questions), ("annotations", annotations), ("candidates", candidates)):
        (root / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return DataSet(root)
