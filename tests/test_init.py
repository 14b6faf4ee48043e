"""`vpd init` prints a recipe that runs, fitted to what it found."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vpd.commands.init import run_init
from vpd.commands.sample import SampleOptions, run_sample
from vpd.errors import UserError
from vpd.recipe import Recipe, load_recipe
from vpd.resources import resource


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "photos" / "one.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *rows: dict[str, Any]) -> Path:
    file = folder / "questions.jsonl"
    full = [
        {"id": str(number), "image": "one.png", "question": "What is it?", **row}
        for number, row in enumerate(rows)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in full), encoding="utf-8")
    return file


def init(folder: Path, capsys: pytest.CaptureFixture[str], *rows: dict[str, Any]) -> tuple[str, Recipe]:
    run_init(write(folder, *rows), folder / "photos", None, None)
    text = capsys.readouterr().out
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    return text, load_recipe(folder / "recipe.yaml")


def test_labelled_questions_are_counted_by_type(folder: Path, capsys: pytest.CaptureFixture[str]):
    text, recipe = init(folder, capsys, {"answer": "a cat"}, {"answer": "a dog"}, {"answer": 3})
    assert "A recipe for 3 questions, labelled." in text
    assert "2 open, 1 number" in text
    assert "--twin" in text
    assert recipe.verification.preset == "paper"


def test_answers_that_are_often_luck_ask_for_evidence(folder: Path, capsys: pytest.CaptureFixture[str]):
    _, recipe = init(folder, capsys, {"answer": "yes"}, {"answer": "no"}, {"answer": 3})
    assert recipe.verification.preset == "evidence"


def test_unlabelled_questions_are_asked_for_several_witnesses(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    text, recipe = init(folder, capsys, {}, {})
    assert "A recipe for 2 questions, unlabelled." in text
    assert "--twin" not in text
    assert recipe.verification.preset == "evidence"
    assert recipe.sampling is not None
    assert [each.samples for each in recipe.sampling.schedule] == [5]


def test_some_labels_among_many_questions_are_said(folder: Path, capsys: pytest.CaptureFixture[str]):
    text, _ = init(folder, capsys, {"answer": "a cat"}, {})
    assert "1 of the first 2 labelled" in text


def test_known_objects_are_used(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "objects.jsonl").write_text("")
    run_init(write(folder, {"answer": "a cat"}), folder / "photos", folder / "objects.jsonl", None)
    (folder / "recipe.yaml").write_text(capsys.readouterr().out, encoding="utf-8")
    recipe = load_recipe(folder / "recipe.yaml")
    assert recipe.data.annotations == folder / "objects.jsonl"
    assert recipe.tools["detector"].name == "annotations"


def test_what_it_prints_runs_dry(folder: Path, capsys: pytest.CaptureFixture[str]):
    init(folder, capsys, {"answer": "a cat"}, {})
    options = SampleOptions(folder / "recipe.yaml", folder / "run", folder / "cache", None, None, None)
    run_sample(options, 1, dry_run=True)
    assert "Round 1 would ask for" in capsys.readouterr().out


def test_a_path_may_hold_what_yaml_would_read(folder: Path, capsys: pytest.CaptureFixture[str]):
    odd = folder / 'a: "b" #c {'
    odd.mkdir()
    Image.new("RGB", (64, 48)).save(odd / "one.png")
    run_init(write(folder, {}), odd, None, None)
    (folder / "recipe.yaml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_recipe(folder / "recipe.yaml").data.images == odd


def test_a_preset_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]):
    run_init(None, None, None, "gqa")
    assert capsys.readouterr().out == resource("recipes", "gqa.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("preset", "questions", "problem"),
    [
        (None, None, "give --questions FILE and --images FOLDER, or --preset with one of gqa, "),
        ("paper", None, "there is no preset 'paper'; there are gqa, "),
        ("gqa", "questions.jsonl", "not both"),
    ],
)
def test_what_cannot_be_is_said(preset: str | None, questions: str | None, problem: str):
    with pytest.raises(UserError, match=problem):
        run_init(Path(questions) if questions else None, None, None, preset)


def test_images_that_nobody_can_read_are_said_at_once(folder: Path):
    with pytest.raises(
        UserError, match=r"none of the first 1 questions .* the image gone\.png does not exist"
    ):
        run_init(write(folder, {"image": "gone.png"}), folder / "photos", None, None)
