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


def test_an_evaluation_s_files_are_relative_to_the_recipe_and_a_known_benchmark_is_a_name(tmp_path: Path):
    data = "data: {questions: q.jsonl, images: images}\n"
    own = load_recipe(
        write(tmp_path, f"{data}evaluation: {{benchmark: test.jsonl, data: photos}}")
    ).evaluation
    assert own is not None
    assert (own.benchmark, own.data) == (str(tmp_path / "test.jsonl"), tmp_path / "photos")
    known = load_recipe(write(tmp_path, f"{data}evaluation: {{benchmark: gqa}}")).evaluation
    assert known is not None
    assert (known.benchmark, known.data) == ("gqa", None)


def test_models_of_tools_within_tools_and_of_stages_are_found_beside_the_recipe(tmp_path: Path):
    (tmp_path / "clip").mkdir()
    (tmp_path / "weights" / "coder").mkdir(parents=True)
    recipe = load_recipe(
        write(
            tmp_path,
            "data: {questions: q.jsonl, images: images}\n"
            "tools: {attributes: {name: scorer, scorer: {name: transformers, model: ./clip, device: cpu}}}\n"
            "sampling: {model: {provider: transformers, model: weights/coder}}",
        )
    )
    scorer = {"name": "transformers", "model": str(tmp_path / "clip"), "device": "cpu"}
    assert recipe.tools["attributes"].settings == {"scorer": scorer}
    assert recipe.sampling is not None
    assert recipe.sampling.model.model == str(tmp_path / "weights" / "coder")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("data: {questions: q, images: i, shards: 3}", "`data.shards`: there is no such setting"),
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


def test_a_misspelt_setting_is_named_before_the_one_that_it_was_meant_to_be(tmp_path: Path):
    text = "data: {questions: q, images: i}\nfinetune: {modle: x}"
    with pytest.raises(UserError, match=r"`finetune\.modle`: there is no such setting"):
        load_recipe(write(tmp_path, text))
