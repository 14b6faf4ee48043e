"""`generate` writes an ordinary data set, with the truth beside it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vision_tools.annotations import Annotations
from vision_tools.regions import Picture, Region
from vision_tools.roles import NameQuery
from vpd.errors import UserError
from vpd.inputs.questions import QuestionFile
from vpd.tabletop.dataset import DEPTH_UNIT, generate
from vpd.tabletop.questions.catalogue import FAMILIES

CHOSEN = ["count", "nearer", "read_sign", "clip_sign"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tabletop")
    generate(out, "train", 12, 3, CHOSEN)
    return out


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_it_says_what_it_wrote(tmp_path: Path):
    written = generate(tmp_path, "test", 2, 0, ["count", "exists"])
    assert written.questions == len(_rows(tmp_path / "questions.jsonl")) == 2
    assert written.images == len(list((tmp_path / "images").iterdir()))


def test_the_loader_of_any_data_reads_it(folder: Path):
    file = QuestionFile(folder / "questions.jsonl", folder, shard_size=100)
    examples = [example for part in file.slices() for example in file.examples(part)]
    assert len(examples) == 12
    assert all(example.problem is None and example.answers for example in examples)
    assert {example.answer_type for example in examples} == {"number", "choice", "open"}
    assert all(len(example.choices) == 2 for example in examples if example.answer_type == "choice")
    assert {len(example.images) for example in examples if example.video} == {16}


def test_the_annotations_tool_finds_what_the_gold_answers_count(folder: Path):
    tool = Annotations(folder / "annotations.jsonl", folder)
    questions = {row["id"]: row for row in _rows(folder / "questions.jsonl")}
    counted = [row for row in _rows(folder / "truth" / "questions.jsonl") if row["family"] == "count"]
    assert counted
    for truth in counted:
        question = questions[truth["id"]]
        content = (folder / question["image"]).read_bytes()
        picture = Picture(hashlib.sha256(content).hexdigest(), lambda: Image.new("RGB", (1, 1)))
        name = truth["kinds"][0]["shape"] or "object"
        [found] = tool.detect([NameQuery(Region(picture, (0, 0, 128, 128)), name)])
        assert str(len(found)) == question["answer"]


def test_every_image_has_its_annotations_and_its_depth(folder: Path):
    annotated = {row["image"]: row for row in _rows(folder / "annotations.jsonl")}
    assert set(annotated) == {f"images/{path.name}" for path in (folder / "images").iterdir()}
    for row in _rows(folder / "truth" / "scenes.jsonl"):
        depth = np.asarray(Image.open(folder / "truth" / "depth" / f"{Path(row['image']).stem}.png"))
        assert depth.shape == (annotated[row["image"]]["height"], annotated[row["image"]]["width"])
        for thing in row["objects"]:
            x1, y1, x2, y2 = thing["box"]
            assert depth[y1:y2, x1:x2].min() / DEPTH_UNIT < thing["depth"] + 1


def test_the_truth_holds_program_and_reasoning(folder: Path):
    for row in _rows(folder / "truth" / "questions.jsonl"):
        assert row["family"] in FAMILIES
        assert row["program"].startswith("def execute_command(")
        assert row["reasoning"]
        assert all(step["text"].endswith((".", '"')) for step in row["reasoning"])


def test_the_same_arguments_write_the_same_bytes(folder: Path, tmp_path: Path):
    generate(tmp_path, "train", 12, 3, CHOSEN)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        assert path.read_bytes() == (tmp_path / path.relative_to(folder)).read_bytes(), path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "dev"}, "no split 'dev'"),
        ({"families": ["colour"]}, "no family 'colour'"),
        ({"count": 3}, "too few"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, arguments, message: str):
    (tmp_path / "questions.jsonl").write_text("what is there stays")
    with pytest.raises(UserError, match=message):
        generate(tmp_path, **arguments)
    assert (tmp_path / "questions.jsonl").read_text() == "what is there stays"
