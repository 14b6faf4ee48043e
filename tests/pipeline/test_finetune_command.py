"""`vpd finetune`: from a run's training rows, or an exported data set, to a student and its twin."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tiny_vlm import build_tiny_vlm
from tests.training.training_rows import mixed_rows
from vpd.commands.finetune import run_finetune
from vpd.distillation.rows.export import export_rows
from vpd.errors import UserError
from vpd.pipeline.distill_rows import training_rows
from vpd.pipeline.finetune import Options
from vpd.recipe import load_recipe
from vpd.records import Example, TrainingRow, Verdict
from vpd.store import Run
from vpd.training import curve

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tiny_vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    torch.set_num_threads(1)
    return build_tiny_vlm(tmp_path_factory.mktemp("tiny-vlm"))


class World:
    """A recipe, its images, and a run whose rows table was filled in two shards."""

    def __init__(self, folder: Path, model: str, **finetune: Any) -> None:
        self.recipe = folder / "recipe.yaml"
        self.images = folder / "images"
        self.images.mkdir()
        self.rows = mixed_rows(self.images)
        self.run = Run(folder / "run")
        self.write(model=model, **finetune)
        self.fill(self.rows[:5], self.rows[5:])

    def write(self, **finetune: Any) -> None:
        settings = {"steps": 2, "batch_size": 2, "device": "cpu", "warmup": 0.0, **finetune}
        values = {"data": {"questions": "q.jsonl", "images": "images"}, "finetune": settings}
        self.recipe.write_text(yaml.safe_dump(values), encoding="utf-8")

    def fill(self, *shards: Sequence[TrainingRow]) -> None:
        for number in range(len(shards)):
            self.run.examples.write(number, [Example(id=f"{number}", images=(), question="?")], "read")
        made = training_rows(load_recipe(self.recipe), self.run, [1] * len(shards))
        for number, rows in enumerate(shards):
            self.run.rows.write(number, rows, made.fingerprint(number))

    def finetune(self, dry_run: bool = False, **options: Any) -> None:
        run_finetune(self.recipe, self.run.root, Options(**options), dry_run)


@pytest.fixture
def world(tmp_path: Path, tiny_vlm: Path) -> World:
    return World(tmp_path, str(tiny_vlm))


def settings_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "finetuning.json").read_text(encoding="utf-8"))["settings"]


def test_a_student_and_its_twin_stand_in_the_run_directory(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.finetune()
    world.finetune(twin=True)
    for name in ("student", "twin"):
        assert (world.run.root / name / "adapter" / "adapter_model.safetensors").exists()
        assert (world.run.root / name / "adapter" / "README.md").exists()
    student, twin = (settings_of(world.run.root / name) for name in ("student", "twin"))
    assert student["weights"] == {"label": 1, "rationale": 1, "trajectory": 1}
    assert twin == {**student, "weights": {"label": 1, "rationale": 0, "trajectory": 0}}
    out = capsys.readouterr().out
    assert "the student: 2 steps" in out
    assert "the twin: 2 steps" in out


def test_the_same_command_again_does_no_work_and_more_is_merged_on_request(world: World) -> None:
    world.finetune()
    before = (world.run.root / "student" / "adapter" / "adapter_model.safetensors").stat().st_mtime_ns
    world.finetune(merge=True)
    adapter = world.run.root / "student" / "adapter" / "adapter_model.safetensors"
    assert adapter.stat().st_mtime_ns == before
    assert (world.run.root / "student" / "merged" / "model.safetensors").exists()


def test_options_stand_in_place_of_the_recipe(world: World, tmp_path: Path) -> None:
    world.finetune(limit=2, steps=1, into=tmp_path / "elsewhere")
    records = curve.read(tmp_path / "elsewhere" / "losses.jsonl")
    assert [record.step for record in records] == [1]
    # The first two examples: a label each, and the rationale of the second.
    assert records[0].rows == {"label": 2, "rationale": 1}
    assert not (world.run.root / "student").exists()


def test_an_exported_data_set_stands_in_place_of_the_run_s_rows(world: World, tmp_path: Path) -> None:
    export_rows(world.rows, world.images, tmp_path / "exported", "jsonl")
    run_finetune(world.recipe, tmp_path / "other", Options(rows=tmp_path / "exported"), dry_run=False)
    world.finetune()
    mine, theirs = (
        curve.read(root / "student" / "losses.jsonl") for root in (tmp_path / "other", world.run.root)
    )
    assert [step.loss for step in mine] == pytest.approx([step.loss for step in theirs], rel=1e-4)


def test_a_dry_run_says_what_would_be_done_and_trains_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.finetune(dry_run=True)
    said = " ".join(capsys.readouterr().out.split())
    assert "examples 5" in said
    assert "label rows 5" in said
    assert "rationale rows 2" in said
    assert "steps 2 of 2 examples: 0.8 epochs" in said
    assert "computed in float32" in said
    assert "counted by the model's processor" in said
    assert not (world.run.root / "student").exists()


def test_a_dry_run_guesses_where_the_model_cannot_be_had(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    world.write(model="nobody/no-such-model")
    world.finetune(dry_run=True)
    said = " ".join(capsys.readouterr().out.split())
    assert "memory unknown" in said
    assert "tokens are a guess" in said


@pytest.mark.parametrize(
    ("change", "options", "problem"),
    [
        ({"model": "./gone"}, {}, r"the model folder \./gone does not exist"),
        ({"device": "cuda"}, {}, "`device: cuda` asks for a GPU, but torch sees none here"),
        ({"micro_batch_size": 3}, {}, "`batch_size` 2 is no multiple of 3"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    world: World, tiny_vlm: Path, change: dict[str, Any], options: dict[str, Any], problem: str
) -> None:
    import torch

    if "cuda" in change.values() and torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    world.write(**{"model": str(tiny_vlm), **change})
    with pytest.raises(UserError, match=problem):
        world.finetune(**options)


def test_a_run_without_rows_names_the_command_that_makes_them(world: World, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no training rows; `vpd distill` makes them"):
        run_finetune(world.recipe, tmp_path / "empty", Options(), dry_run=False)


def test_rows_from_before_the_programs_were_judged_anew_are_refused(world: World) -> None:
    again = Verdict(example_id="0", index=0, status="ok", correct=True, kept=True, selected=True)
    world.run.verdicts.write(0, [again], "judged")
    with pytest.raises(UserError, match="run `vpd distill` with this recipe again"):
        world.finetune(dry_run=True)


def test_a_recipe_without_a_model_says_what_to_add(world: World) -> None:
    world.recipe.write_text("data: {questions: q.jsonl, images: images}", encoding="utf-8")
    with pytest.raises(UserError, match=r"add `finetune: \{model: "):
        world.finetune()


def test_a_twin_needs_labels(world: World) -> None:
    world.fill([row for row in world.rows if row.task == "rationale"], [])
    with pytest.raises(UserError, match="a twin learns from labels alone"):
        world.finetune(twin=True)


def test_a_model_folder_beside_the_recipe_is_found(world: World, tiny_vlm: Path, tmp_path: Path) -> None:
    (tmp_path / "base").symlink_to(tiny_vlm)
    world.write(model="base")
    world.finetune(dry_run=True)


@pytest.mark.slow
def test_a_launcher_of_processes_starts_the_same_command(world: World) -> None:
    command = [sys.executable, "-m", "accelerate.commands.launch", "--num_processes", "1", "--cpu"]
    command += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    command += ["-m", "vpd", "finetune", str(world.recipe), "--out", str(world.run.root), "--steps", "1"]
    ran = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "the student: 1 steps" in ran.stdout
