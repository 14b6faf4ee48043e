"""A recipe is validated where it is read, and its paths are its own."""

from pathlib import Path

import pytest

from vpd.errors import UserError
from vpd.recipe import load_recipe


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_recipe(tmp_path: Path):
    (tmp_path / "yolo.onnx").touch()
    recipe = load_recipe(
        write(
            tmp_path,
            "data: {questions: q.jsonl, images: ../images}\n"
            "tools: {detector: {name: ultralytics, weights: yolo.onnx, model: org/name}}",
        )
    )
    assert recipe.data.questions == tmp_path / "q.jsonl"
    assert recipe.data.images == tmp_path.parent / "images"
    assert recipe.tools["detector"].settings == {"weights": str(tmp_path / "yolo.onnx"), "model": "org/name"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("data: {questions: q, images: i, shards: 3}", "`data.shards`: extra inputs"),
        ("data: {questions: q}", "`data.images`: field required"),
        (
            "data: {questions: q, images: i}\nexecution: {limits: {seconds: fast}}",
            "`execution.limits.seconds`",
        ),
        ("data: {questions: q, images: i}\nexecution: {concurrency: 0}", "`execution.concurrency`"),
        ("data: {questions: q, images: i}\ntools: {detector: yolo}", "`tools.detector`"),
        ("[1, 2]", "holds no recipe"),
        ("a: [", "is not YAML"),
        ("a: !!python/object/apply:os.system [ls]", "is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, complaint: str):
    with pytest.raises(UserError, match=complaint.replace(".", r"\.")) as caught:
        load_recipe(write(tmp_path, text))
    assert str(tmp_path / "recipe.yaml") in str(caught.value)


def test_a_recipe_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(UserError, match="cannot read the recipe"):
        load_recipe(tmp_path / "gone.yaml")
