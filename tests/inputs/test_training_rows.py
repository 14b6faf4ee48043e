"""Training rows come back from every form that they are exported in."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests.training.training_rows import mixed_rows
from vpd.distillation.rows.export import export_rows
from vpd.errors import UserError
from vpd.inputs.training_rows import TrainingRows, read_training_rows
from vpd.records import TrainingRow


@pytest.fixture
def rows(tmp_path: Path) -> list[TrainingRow]:
    (tmp_path / "images").mkdir()
    return mixed_rows(tmp_path / "images")


def shown(found: TrainingRows) -> list[list[tuple[tuple[int, int], Any]]]:
    """The size and middle pixel of every picture of every row."""
    pictures: list[list[tuple[tuple[int, int], Any]]] = []
    for row in found.rows:
        pictures.append([])
        for view in row.images:
            with Image.open(found.image_root / view.image.path) as image:
                part = image if view.box is None else image.crop([round(edge) for edge in view.box])
                middle = part.getpixel((part.width // 2 - 1, part.height // 2 - 1))
                pictures[-1].append((part.size, middle))
    return pictures


def said(row: TrainingRow) -> list[tuple[str, str]]:
    messages: Any = row.messages
    return [
        (message["role"], "".join(part.get("text") or "<image>" for part in parts))
        for message in messages
        for parts in [
            [{"text": message["content"]}] if isinstance(message["content"], str) else message["content"]
        ]
    ]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_data_set_shows_and_says_what_the_rows_did(
    tmp_path: Path, rows: list[TrainingRow], form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    export_rows(rows, tmp_path / "images", tmp_path / "exported", form)
    found = read_training_rows(tmp_path / "exported", tmp_path / "images", tmp_path / "unpacked")
    assert shown(found) == shown(TrainingRows(rows, tmp_path / "images"))
    assert [said(row) for row in found.rows] == [said(row) for row in rows]
    for mine, theirs in zip(found.rows, rows, strict=True):
        assert mine.model_dump(include={"id", "example_id", "task", "masked", "weight"}) == theirs.model_dump(
            include={"id", "example_id", "task", "masked", "weight"}
        )


def test_a_printed_table_is_read_as_it_was(tmp_path: Path, rows: list[TrainingRow]) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(row.model_dump_json() + "\n" for row in rows), encoding="utf-8")
    found = read_training_rows(file, tmp_path / "images", tmp_path / "unpacked")
    assert found == TrainingRows(rows, tmp_path / "images")


LINE: dict[str, Any] = {"id": "a/label", "task": "label", "messages": [{"role": "user", "content": "?"}]}

IMAGE = {"path": "a.png", "sha256": "0" * 64, "width": 8, "height": 8}
RECORD = {**LINE, "example_id": "a"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({**LINE, "task": "guess"}, "line 1: `task`: input should be 'label', 'rationale' or 'trajectory'"),
        ({**LINE, "images": ["gone.png"]}, r"line 1: the image gone\.png does not exist"),
        ({**LINE, "images": ["../gone.png"]}, r"line 1: the image \.\./gone\.png lies outside"),
        (["a"], "line 1: a training row must be a JSON object"),
        ({**LINE, "images": 5}, "line 1: `images` must be a list"),
        ({**LINE, "messages": "Why?"}, "line 1: `messages` must be a list of `{role, content}`"),
        ({**LINE, "messages": [{"from": "human", "value": "?"}]}, "line 1: `messages` must be a list of"),
        ({**LINE, "messages": LINE["messages"][0]}, "line 1: `messages` must be a list of"),
        ({**LINE, "messages": [{"role": "user", "content": ["?"]}]}, "line 1: `messages` must be a list of"),
        (
            {**RECORD, "images": [{"image": {**IMAGE, "path": "../../hostname"}}]},
            r"line 1: the image \.\./\.\./hostname lies outside the image folder",
        ),
        (
            {**RECORD, "images": [{"image": {**IMAGE, "path": "/etc/hostname"}}]},
            "line 1: the image /etc/hostname lies outside the image folder",
        ),
        (
            {**RECORD, "images": [{"image": {**IMAGE, "sha256": "../../x"}}]},
            r"line 1: the `sha256` of the image a\.png is none: '\.\./\.\./x'",
        ),
    ],
)
def test_a_malformed_row_is_named_by_its_place(tmp_path: Path, line: Any, problem: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(UserError, match=problem):
        read_training_rows(file, tmp_path, tmp_path)


def test_a_folder_without_rows_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no training rows: give a \.jsonl or \.parquet file"):
        read_training_rows(tmp_path, tmp_path, tmp_path)


@pytest.mark.parametrize(
    "messages",
    [
        [{"from": "human", "value": "?"}],
        ["What is it?"],
        [{"role": "user", "content": None}],
        "What is it?",
    ],
)
def test_parquet_rows_in_another_form_are_said_in_one_sentence(tmp_path: Path, messages: Any) -> None:
    file = tmp_path / "rows.parquet"
    row = {"id": "a", "task": "label", "messages": messages, "images": []}
    pq.write_table(pa.Table.from_pylist([row]), file)
    with pytest.raises(UserError, match=r"row 1: `messages` must be a list of `\{role, content\}`"):
        read_training_rows(file, tmp_path, tmp_path)


def test_a_folder_with_rows_of_both_kinds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "train.parquet")
    with pytest.raises(UserError, match=r"holds both train\.jsonl and train\.parquet; name the file"):
        read_training_rows(tmp_path, tmp_path, tmp_path)
    assert len(read_training_rows(tmp_path / "train.jsonl", tmp_path, tmp_path).rows) == 1
