"""A run that was killed goes on as if it had not been."""

import shutil
import signal
import time
from multiprocessing.process import BaseProcess as Process
from pathlib import Path
from typing import Any

import pytest

from tests.training import finetune_child
from tests.training.processes import start
from tests.training.training_rows import mixed_rows
from vpd.errors import UserError
from vpd.training import checkpoints, curve
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings, LoraSettings


@pytest.fixture(scope="module")
def settings(tiny_vlm: Path) -> FinetuneSettings:
    # Dropout draws random numbers in every step, so that a resumed run must restore their state too.
    return FinetuneSettings(
        model=str(tiny_vlm),
        lora=LoraSettings(dropout=0.2),
        steps=5,
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


def kill_after(process: Process, out: Path, step: int) -> None:
    """SIGKILL as soon as `step` is logged."""
    deadline = time.monotonic() + 200
    while len(curve.read(out / "losses.jsonl")) < step:
        assert process.exitcode is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL


@pytest.fixture(scope="module")
def unbroken(settings: FinetuneSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; its images lie beside it."""
    root = tmp_path_factory.mktemp("unbroken")
    finetune(settings, mixed_rows(root), root, root / "out")
    return root / "out"


@pytest.mark.slow
def test_a_killed_run_ends_with_the_losses_and_weights_of_an_unbroken_one(
    settings: FinetuneSettings, unbroken: Path, tmp_path: Path
) -> None:
    root, out = unbroken.parent, tmp_path / "killed"
    kill_after(start(finetune_child.train, settings, root, out), out, step=3)
    assert not (out / "adapter").exists()
    finetune(settings, mixed_rows(root), root, out)
    assert_same_run(unbroken, out)


def test_a_half_written_checkpoint_is_passed_over(
    settings: FinetuneSettings, unbroken: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(unbroken, broken)
    shutil.rmtree(broken / "adapter")
    last = checkpoints.newest(broken / "checkpoints")
    assert last is not None
    assert last.name == "checkpoint-5"
    (last / "complete").unlink()
    (last / "optimizer.pt").write_bytes(b"cut sho")
    finetune(settings, mixed_rows(unbroken.parent), unbroken.parent, broken)
    assert_same_run(unbroken, broken)


def test_a_run_killed_before_its_model_was_saved_trains_no_step_again(
    settings: FinetuneSettings, unbroken: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(unbroken, broken)
    (broken / "adapter").rename(broken / ".adapter.part")
    optimizer = broken / "checkpoints" / "checkpoint-5" / "optimizer.pt"
    written = optimizer.stat().st_mtime_ns
    finetune(settings, mixed_rows(unbroken.parent), unbroken.parent, broken)
    assert_same_run(unbroken, broken)
    assert optimizer.stat().st_mtime_ns == written


def test_the_same_call_again_does_nothing(settings: FinetuneSettings, unbroken: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in unbroken.rglob("*")}
    finetune(settings, mixed_rows(unbroken.parent), unbroken.parent, unbroken)
    assert {file: file.stat().st_mtime_ns for file in unbroken.rglob("*")} == before


def test_a_run_may_go_on_in_smaller_micro_batches(settings: FinetuneSettings, tmp_path: Path) -> None:
    rows, out = mixed_rows(tmp_path), tmp_path / "out"
    steady = settings.model_copy(update={"micro_batch_size": 2, "lora": LoraSettings()})
    finetune(steady, rows, tmp_path, out)
    before = curve.read(out / "losses.jsonl")
    shutil.rmtree(out / "adapter")
    shutil.rmtree(out / "checkpoints" / "checkpoint-5")
    finetune(steady.model_copy(update={"micro_batch_size": 1, "checkpoint_every": 100}), rows, tmp_path, out)
    after = curve.read(out / "losses.jsonl")
    assert after[:4] == before[:4]
    assert after[4].loss == pytest.approx(before[4].loss, rel=1e-4)


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
