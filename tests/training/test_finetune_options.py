"""What the settings choose, and what is refused in one sentence."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.training.training_rows import mixed_rows
from vpd.errors import UserError
from vpd.training import curve
from vpd.training.finetuning import Finetuned, finetune
from vpd.training.models import linear_layers
from vpd.training.settings import FinetuneSettings, TaskWeights


@pytest.fixture
def settings(tiny_vlm: Path) -> FinetuneSettings:
    return FinetuneSettings(
        model=str(tiny_vlm), steps=2, batch_size=5, warmup=0.0, learning_rate=1e-2, device="cpu"
    )


def run(settings: FinetuneSettings, root: Path, name: str = "out", **changes: Any) -> Finetuned:
    return finetune(settings.model_copy(update=changes), mixed_rows(root), root, root / name)


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(next(folder.glob("*.safetensors")))


def test_adapters_go_on_every_linear_layer_but_the_head(model: Any, settings: FinetuneSettings) -> None:
    from torch import nn

    linear = {name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    assert linear - set(linear_layers(model, settings)) == {"lm_head"}


def test_the_vision_encoder_can_be_left_out(model: Any, settings: FinetuneSettings) -> None:
    names = linear_layers(model, settings.model_copy(update={"vision": False}))
    assert names
    assert all(name.startswith("model.language_model.") for name in names)


def test_an_adapter_without_the_vision_encoder_has_no_weights_there(
    settings: FinetuneSettings, tmp_path: Path
) -> None:
    names = weights(run(settings, tmp_path, vision=False).folder)
    assert names
    assert not any("visual" in name for name in names)


def test_full_training_can_leave_the_vision_encoder_as_it_was(
    settings: FinetuneSettings, tiny_vlm: Path, tmp_path: Path
) -> None:
    before, after = weights(tiny_vlm), weights(run(settings, tmp_path, method="full", vision=False).folder)
    same = {name for name in before if before[name].equal(after[name])}
    assert same == {name for name in before if ".visual." in name}


def test_gradient_checkpointing_changes_no_result(settings: FinetuneSettings, tmp_path: Path) -> None:
    plain = run(settings, tmp_path, "plain", gradient_checkpointing=False)
    saving = run(settings, tmp_path, "saving", gradient_checkpointing=True)
    for mine, theirs in zip(curve.read(plain.losses), curve.read(saving.losses), strict=True):
        assert mine.loss == pytest.approx(theirs.loss, rel=1e-5)
    assert any((weight != 0).any() for name, weight in weights(saving.folder).items() if "visual" in name)


def test_in_bfloat16_the_adapter_keeps_float32_weights(settings: FinetuneSettings, tmp_path: Path) -> None:
    import torch

    precise = run(settings, tmp_path, "float32")
    coarse = run(settings, tmp_path, "bfloat16", dtype="bfloat16")
    assert {weight.dtype for weight in weights(coarse.folder).values()} == {torch.float32}
    assert curve.read(coarse.losses)[0].loss == pytest.approx(curve.read(precise.losses)[0].loss, rel=1e-2)


def test_batches_made_in_other_processes_are_the_same(settings: FinetuneSettings, tmp_path: Path) -> None:
    here, beside = run(settings, tmp_path, "here"), run(settings, tmp_path, "beside", loader_workers=1)
    assert here.losses.read_bytes() == beside.losses.read_bytes()


def test_the_learning_rate_warms_up_and_falls_along_a_cosine(
    settings: FinetuneSettings, tmp_path: Path
) -> None:
    done = run(settings, tmp_path, steps=10, warmup=0.2, micro_batch_size=5)
    rates = [step.learning_rate / settings.learning_rate for step in curve.read(done.losses)]
    cosine = [1.0, 0.962, 0.854, 0.691, 0.5, 0.309, 0.146, 0.038]
    assert rates == pytest.approx([0.0, 0.5, *cosine], abs=1e-3)


def test_the_card_says_what_was_trained_and_how_to_load_it(
    settings: FinetuneSettings, tmp_path: Path
) -> None:
    done = run(settings, tmp_path, merge=True, weights=TaskWeights(rationale=0.5))
    card = (done.folder / "README.md").read_text(encoding="utf-8")
    assert "5 label rows, 2 rationale rows, 1 trajectory rows of 5 examples" in card
    assert "1 x label + 0.5 x rationale + 1 x trajectory" in card
    assert "PeftModel.from_pretrained" in card
    assert done.merged is not None
    assert "PeftModel" not in (done.merged / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="tensorboard is not installed")
def test_tensorboard_is_told_the_loss_of_each_task(settings: FinetuneSettings, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    done = run(settings, tmp_path, log_to=("tensorboard",), log_every=1)
    events = EventAccumulator(str(tmp_path / "out" / "tensorboard")).Reload()
    told = [event.value for event in events.Scalars("train/label_loss")]
    assert told == pytest.approx([step.tasks["label"] for step in curve.read(done.losses)], rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"model": "no/such/folder"}, "the model folder no/such/folder does not exist"),
        ({"micro_batch_size": 2}, "`batch_size` 5 is no multiple of 2"),
        ({"log_to": ("wandb",)}, "pip install wandb"),
    ],
)
def test_what_cannot_be_done_is_said(
    settings: FinetuneSettings, tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    if "wandb" in problem and find_spec("wandb") is not None:
        pytest.skip("wandb is installed")
    with pytest.raises(UserError, match=problem):
        run(settings, tmp_path, **changes)


def test_a_missing_picture_is_found_before_training(settings: FinetuneSettings, tmp_path: Path) -> None:
    rows = mixed_rows(tmp_path)
    (tmp_path / "grey.png").unlink()
    with pytest.raises(UserError, match=r"show grey\.png, which is not in"):
        finetune(settings, rows, tmp_path, tmp_path / "out")


def test_a_folder_in_which_nothing_was_learnt_is_free(settings: FinetuneSettings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        run(settings, tmp_path, model=str(tmp_path / "gone" / "model"))
    assert run(settings, tmp_path).folder.is_dir()


def test_there_must_be_rows(settings: FinetuneSettings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no training rows"):
        finetune(settings, [], tmp_path, tmp_path / "out")


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = "import sys, vpd.training.finetuning; print({'torch', 'transformers', 'trl'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )
