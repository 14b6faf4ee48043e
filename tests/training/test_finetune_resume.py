"""A run that was killed goes on as if it had not been."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.training.training_rows import mixed_rows
from vpd.errors import UserError
from vpd.training import checkpoints, curve
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings, LoraSettings

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def settings(tiny_vlm: Path) -> FinetuneSettings:
    # Dropout draws random numbers in every step, so that a resumed run must restore their state too.
    return FinetuneSettings(
        model=str(tiny_vlm),
        lora=LoraSettings(dropout=0.2),
        steps=7,
        batch_size=2,
        learning_rate=1e-2,
        checkpoint_every=2,
        device="cpu",
    )


def weights(out: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(next((out / "adapter").glob("*.safetensors")))


def assert_same_run(out: Path, other: Path) -> None:
    assert (out / "losses.jsonl").read_bytes() == (other / "losses.jsonl").read_bytes()
    mine, theirs = weights(out), weights(other)
    assert mine.keys() == theirs.keys()
    for name in mine:
        assert mine[name].equal(theirs[name]), name


def start(settings: FinetuneSettings, root: Path, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.training.finetune_child",
            settings.model_dump_json(),
            str(root),
            str(out),
        ],
        cwd=PROJECT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
    )


def kill_after(process: subprocess.Popen[bytes], out: Path, step: int) -> None:
    """SIGKILL as soon as `step` is logged."""
    deadline = time.monotonic() + 200
    while len(curve.read(out / "losses.jsonl")) < step:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_a_killed_run_ends_with_the_losses_and_weights_of_an_unbroken_one(
    settings: FinetuneSettings, tmp_path: Path
) -> None:
    rows = mixed_rows(tmp_path)
    finetune(settings, rows, tmp_path, tmp_path / "unbroken")
    kill_after(start(settings, tmp_path, tmp_path / "killed"), tmp_path / "killed", step=3)
    assert not (tmp_path / "killed" / "adapter").exists()
    finetune(settings, rows, tmp_path, tmp_path / "killed")
    assert_same_run(tmp_path / "unbroken", tmp_path / "killed")


def test_a_half_written_checkpoint_is_passed_over(settings: FinetuneSettings, tmp_path: Path) -> None:
    rows, out = mixed_rows(tmp_path), tmp_path / "out"
    finetune(settings, rows, tmp_path, out)
    shutil.copytree(out, tmp_path / "broken")
    shutil.rmtree(tmp_path / "broken" / "adapter")
    last = checkpoints.newest(tmp_path / "broken" / "checkpoints")
    assert last is not None
    assert last.name == "checkpoint-7"
    (last / "complete").unlink()
    (last / "optimizer.pt").write_bytes(b"cut sho")
    finetune(settings, rows, tmp_path, tmp_path / "broken")
    assert_same_run(out, tmp_path / "broken")


def test_a_run_killed_before_its_model_was_saved_trains_no_step_again(
    settings: FinetuneSettings, tmp_path: Path
) -> None:
    rows, out = mixed_rows(tmp_path), tmp_path / "out"
    finetune(settings, rows, tmp_path, out)
    shutil.copytree(out, tmp_path / "broken")
    (tmp_path / "broken" / "adapter").rename(tmp_path / "broken" / ".adapter.part")
    written = (tmp_path / "broken" / "checkpoints" / "checkpoint-7" / "optimizer.pt").stat().st_mtime_ns
    finetune(settings, rows, tmp_path, tmp_path / "broken")
    assert_same_run(out, tmp_path / "broken")
    assert (
        tmp_path / "broken" / "checkpoints" / "checkpoint-7" / "optimizer.pt"
    ).stat().st_mtime_ns == written


def test_the_same_call_again_does_nothing(settings: FinetuneSettings, tmp_path: Path) -> None:
    rows, out = mixed_rows(tmp_path), tmp_path / "out"
    finetune(settings, rows, tmp_path, out)
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*")}
    began = time.monotonic()
    finetune(settings, rows, tmp_path, out)
    assert time.monotonic() - began < 0.5
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*")} == before


def test_a_run_may_go_on_in_smaller_micro_batches(settings: FinetuneSettings, tmp_path: Path) -> None:
    rows, out = mixed_rows(tmp_path), tmp_path / "out"
    steady = settings.model_copy(update={"micro_batch_size": 2, "lora": LoraSettings()})
    finetune(steady, rows, tmp_path, out)
    before = curve.read(out / "losses.jsonl")
    shutil.rmtree(out / "adapter")
    shutil.rmtree(out / "checkpoints" / "checkpoint-7")
    finetune(steady.model_copy(update={"micro_batch_size": 1, "checkpoint_every": 100}), rows, tmp_path, out)
    after = curve.read(out / "losses.jsonl")
    assert after[:6] == before[:6]
    assert after[6].loss == pytest.approx(before[6].loss, rel=1e-4)


@pytest.mark.parametrize("change", [{"learning_rate": 1e-3}, {"seed": 1}, {"vision": False}])
def test_a_folder_belongs_to_one_run(
    settings: FinetuneSettings, tmp_path: Path, change: dict[str, Any]
) -> None:
    rows, out = mixed_rows(tmp_path), tmp_path / "out"
    quick = settings.model_copy(update={"steps": 1})
    finetune(quick, rows, tmp_path, out)
    with pytest.raises(UserError, match="other settings or training rows"):
        finetune(quick.model_copy(update=change), rows, tmp_path, out)
    with pytest.raises(UserError, match="other settings or training rows"):
        finetune(quick, rows[:-1], tmp_path, out)


def test_the_loss_log_forgets_the_steps_that_are_taken_again(tmp_path: Path) -> None:
    file = tmp_path / "losses.jsonl"
    for step in (1, 2, 3):
        curve.append(file, curve.StepLoss(step, 1 / step, 0.1, {"label": 1 / step}, {"label": 2}))
    with file.open("a") as stream:
        stream.write('{"step": 4, "lo')  # cut short by a crash
    curve.rewind(file, 2)
    assert [record.step for record in curve.read(file)] == [1, 2]
