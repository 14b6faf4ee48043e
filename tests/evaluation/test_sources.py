"""What is wrong with a data set is said in one sentence; what is right with it is read wherever it lies."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.asked import definition, read
from tests.evaluation.stand_ins import RED, STAND_INS, picture, png, write
from vpd.errors import UserError
from vpd.evaluation.benchmark import load_benchmark
from vpd.evaluation.loading import Asked

datasets = pytest.importorskip("datasets")

HUB = {"ids": ["nobody/nothing"], "split": "test"}
COLUMNS = {"id": "id", "image": "image", "question": "question", "answers": "answer"}


def table(folder: Path, **columns: list[Any]) -> Path:
    folder.mkdir(exist_ok=True)
    datasets.Dataset.from_dict(columns).to_parquet(str(folder / "test.parquet"))
    return folder


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path):
    data = write(STAND_INS["pope"](), tmp_path / "data")
    loaded = datasets.load_dataset("parquet", data_files=str(data / "*.parquet"), split="train")
    loaded.rename_column("answer", "label").to_parquet(str(data / "test-0.parquet"))
    with pytest.raises(UserError) as caught:
        read(tmp_path / "run", Asked(load_benchmark("pope"), data=data))
    message = str(caught.value)
    assert "has no column `answer`" in message
    assert "expects `image`, `question`, `answer`, `category`" in message
    assert "found `category`, `image`, `label`, `question`, `question_id`" in message


def test_a_missing_column_of_the_image_table_is_named(tmp_path: Path):
    data = write(STAND_INS["gqa"](), tmp_path / "data")
    folder = data / "testdev_balanced_images"
    table(folder, id=["n1"], picture=["x"])
    (folder / "testdev-00000.parquet").unlink()
    with pytest.raises(UserError, match="have no column image; found `id`, `picture`"):
        read(tmp_path / "run", Asked(load_benchmark("gqa"), data=data))


def test_a_missing_key_of_nested_questions_is_named(tmp_path: Path):
    data = table(tmp_path / "data", image=["a.png"], qa=[[{"question": "How many?", "answer": 1}]])
    with pytest.raises(UserError, match="row 0: `qa` has no `is_simple`, but `question`, `answer`"):
        read(tmp_path / "run", Asked(load_benchmark("tallyqa"), data=data))


def test_a_column_of_another_kind_is_said(tmp_path: Path):
    data = table(tmp_path / "data", image=["a.png"], qa=[3])
    with pytest.raises(UserError, match="tallyqa, row 0: a column does not hold what .*TypeError"):
        read(tmp_path / "run", Asked(load_benchmark("tallyqa"), data=data))


def test_a_label_that_is_none_of_the_options_is_named_with_its_question(tmp_path: Path):
    data = write(STAND_INS["vstar"](), tmp_path / "data")
    loaded = datasets.load_dataset("parquet", data_files=str(data / "*.parquet"), split="train")
    hidden = loaded.map(lambda row: {"label": "-"})
    hidden.to_parquet(str(data / "test-0.parquet"))
    with pytest.raises(UserError, match="vstar, question 1: `label` is '-', .*use a split with labels"):
        read(tmp_path / "run", Asked(load_benchmark("vstar"), data=data))


@pytest.mark.parametrize("kind", ["saved", "saved_splits", "jsonl"])
def test_a_folder_in_place_of_the_hub_may_be_of_several_kinds(kind: str, tmp_path: Path):
    benchmark = definition(hub=HUB, columns=COLUMNS)
    folder = tmp_path / "data"
    rows = {"id": ["1"], "question": ["What?"], "answer": ["a dog"]}
    if kind == "jsonl":
        folder.mkdir()
        (folder / "a.png").write_bytes(png("red"))
        row = {"id": "1", "image": "a.png", "question": "What?", "answer": "a dog"}
        (folder / "test.jsonl").write_text(json.dumps(row) + "\n")
    else:
        made = datasets.Dataset.from_dict(rows | {"image": [RED]}).cast_column("image", datasets.Image())
        (datasets.DatasetDict(test=made) if kind == "saved_splits" else made).save_to_disk(str(folder))
    questions = read(tmp_path / "run", Asked(benchmark, data=folder))
    (item,) = questions.questions.rows()
    assert (item.example.question, item.example.answers, item.example.problem) == ("What?", ("a dog",), None)
    assert (questions.images / item.example.images[0].path).is_file()


def test_a_split_that_is_not_there_is_named_with_those_that_are(tmp_path: Path):
    made = datasets.Dataset.from_dict({"id": ["1"], "image": ["a"], "question": ["?"], "answer": ["b"]})
    datasets.DatasetDict(train=made).save_to_disk(str(tmp_path / "data"))
    with pytest.raises(UserError, match="has no split 'test'; it has train"):
        read(tmp_path / "run", Asked(definition(hub=HUB, columns=COLUMNS), data=tmp_path / "data"))


def test_an_empty_folder_and_none_are_said(tmp_path: Path):
    benchmark = definition(hub=HUB, columns=COLUMNS)
    with pytest.raises(UserError, match="there is no folder"):
        read(tmp_path / "run", Asked(benchmark, data=tmp_path / "gone"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no Parquet, JSONL or CSV file"):
        read(tmp_path / "run", Asked(benchmark, data=tmp_path / "empty"))


def test_images_are_kept_as_the_bytes_they_were_and_each_once(tmp_path: Path):
    content = png("red")
    data = table(
        tmp_path / "data",
        id=["1", "2"],
        image=[content, content],
        question=["What?", "Who?"],
        answer=["a", "b"],
    )
    questions = read(tmp_path / "run", Asked(definition(hub=HUB, columns=COLUMNS), data=data))
    files = [file for file in questions.images.rglob("*") if file.is_file()]
    assert [file.read_bytes() for file in files] == [content]


def test_an_image_that_cannot_be_read_is_its_questions_problem(tmp_path: Path):
    (tmp_path / "secret.png").write_bytes(png("red"))
    data = table(
        tmp_path / "data",
        id=["1", "2", "3"],
        image=["gone.png", "../secret.png", "torn.png"],
        question=["a?", "b?", "c?"],
        answer=["x"] * 3,
    )
    (data / "torn.png").write_bytes(b"torn")
    questions = read(tmp_path / "run", Asked(definition(hub=HUB, columns=COLUMNS), data=data))
    problems = [item.example.problem or "" for item in questions.questions.rows()]
    assert "gone.png cannot be read" in problems[0]
    assert "lies outside the folder" in problems[1]
    assert "cannot be read" in problems[2]


def test_a_limit_stops_reading_early(tmp_path: Path):
    data = write(STAND_INS["tallyqa"](), tmp_path / "data")
    questions = read(tmp_path / "run", Asked(load_benchmark("tallyqa"), data=data, limit=2))
    assert [item.id for item in questions.questions.rows()] == ["0-0", "0-1"]


def test_a_users_own_questions_are_a_benchmark(tmp_path: Path):
    picture("red").save(tmp_path / "a.png")
    lines = [
        {"id": "1", "image": "a.png", "question": "Red?", "answer": True},
        {"id": "2", "image": "a.png", "question": "How many?", "answer": 3},
    ]
    path = tmp_path / "Mine 1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    benchmark = load_benchmark(str(path))
    questions = read(tmp_path / "run", Asked(benchmark, questions=path))
    assert benchmark.name == "mine-1"
    assert [(i.id, i.example.answers, i.category) for i in questions.questions.rows()] == [
        ("1", ("yes",), "yes_no"),
        ("2", ("3",), "number"),
    ]
    assert questions.images == tmp_path


def test_categories_may_stand_in_a_file_of_their_own(tmp_path: Path):
    picture("red").save(tmp_path / "a.png")
    line = {"id": "1", "image": "a.png", "question": "Red?", "answer": "yes"}
    (tmp_path / "questions.jsonl").write_text(json.dumps(line) + "\n")
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "questions.jsonl").write_text('{"id": "1", "family": "colour"}\n')
    questions = read(tmp_path / "run", Asked(load_benchmark("tabletop"), data=tmp_path))
    assert [item.category for item in questions.questions.rows()] == ["colour"]


def test_questions_without_a_folder_are_said(tmp_path: Path):
    with pytest.raises(UserError, match="tabletop is no data set of the hub; give its folder with --data"):
        read(tmp_path / "run", Asked(load_benchmark("tabletop")))


def test_without_the_hub_all_its_names_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    with pytest.raises(
        UserError, match=r"cannot load lmms-lab-encoder/POPE or lmms-lab/POPE from the hub; .*--data"
    ):
        read(tmp_path / "run", Asked(load_benchmark("pope")))
