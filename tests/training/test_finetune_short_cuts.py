"""What makes training fast leaves the loss and its gradients as they are."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.training_rows import label, mixed_rows, picture, rationale
from vpd.records import TrainingRow
from vpd.training import curve, items, parts
from vpd.training.collator import Collator
from vpd.training.finetuning import finetune
from vpd.training.head import TargetHead
from vpd.training.seeing import Seeing
from vpd.training.settings import FinetuneSettings, TaskWeights


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.integers(0, 300))
def test_groups_hold_every_row_once_and_cost_no_more_than_one(lengths: list[int], a_part: int) -> None:
    groups = parts.grouped(lengths, a_part)
    assert sorted(row for group in groups for row in group) == list(range(len(lengths)))
    cost = sum(a_part + len(group) * max(lengths[row] for row in group) for group in groups)
    assert cost <= a_part + len(lengths) * max(lengths)


def test_rows_of_like_length_are_grouped() -> None:
    assert parts.grouped([100, 900, 110, 880, 105]) == [[1, 3], [0, 2, 4]]


@pytest.fixture
def batch(processor: Any, tmp_path: Path) -> dict[str, Any]:
    rows = mixed_rows(tmp_path)
    grouped = items.group(rows)
    collator = Collator(processor, rows, grouped, TaskWeights(), tmp_path)
    return collator([{"item": item} for item in range(len(grouped))])


def test_parts_hold_what_the_batch_holds(batch: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "grouped", lambda lengths: [[at] for at in range(len(lengths))])
    made = parts.parts(batch)
    start = patches = 0
    for row, part in enumerate(made):
        length, shown = int(batch["attention_mask"][row].sum()), int(batch["shown"][row])
        assert part["labels"].equal(batch["labels"][row : row + 1, :length])
        assert part["coefficients"].equal(batch["coefficients"][row : row + 1])
        if shown:
            assert part["views"].equal(batch["views"][start : start + shown])
            assert part["image_grid_thw"].equal(batch["image_grid_thw"][start : start + shown])
            size = len(part["pixel_values"])
            assert part["pixel_values"].equal(batch["pixel_values"][patches : patches + size])
            start, patches = start + shown, patches + size
        else:
            assert not len(part["views"])
    assert (len(made), patches) == (len(batch["labels"]), len(batch["pixel_values"]))


@pytest.mark.parametrize("vision", [True, False])
def test_training_in_parts_is_training_in_whole_batches(
    tiny_vlm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vision: bool
) -> None:
    settings = FinetuneSettings(
        model=str(tiny_vlm),
        method="full",
        vision=vision,
        steps=3,
        batch_size=5,
        micro_batch_size=5,
        learning_rate=1e-3,
        device="cpu",
    )
    rows = mixed_rows(tmp_path)
    monkeypatch.setattr(parts, "A_PART", 10**6)
    whole = finetune(settings, rows, tmp_path, tmp_path / "whole")
    monkeypatch.setattr(parts, "A_PART", 0)
    cut = finetune(settings, rows, tmp_path, tmp_path / "cut")
    for mine, theirs in zip(curve.read(cut.losses), curve.read(whole.losses), strict=True):
        assert mine.loss == pytest.approx(theirs.loss, rel=1e-4)
        assert mine.tasks == pytest.approx(theirs.tasks, rel=1e-4)
        assert mine.rows == theirs.rows


def _seen(
    model: Any, batch: dict[str, Any], times: int, remembered: float = 1.0
) -> tuple[list[int], list[Any]]:
    """How many images the encoder is shown in each call, and the model's logits each time."""
    encoder = model.get_encoder(modality="image")
    shown: list[int] = []
    own = encoder.forward

    def counted(*arguments: Any, **options: Any) -> Any:
        shown.append(len(options["grid_thw"]))
        return own(*arguments, **options)

    encoder.forward = counted
    seeing = Seeing(encoder, remembered)
    logits: list[Any] = []
    inputs = {name: batch[name] for name in batch if name not in ("coefficients", "tasks", "shown", "views")}
    del inputs["labels"]
    for _ in range(times):
        with seeing.batch():
            seeing.show(batch["views"].tolist())
            logits.append(model(**inputs).logits)
    encoder.forward = own
    logits.append(model(**inputs).logits)
    return shown, logits


def two_of_one_image(processor: Any, root: Path) -> dict[str, Any]:
    red, blue = picture(root, "red.png"), picture(root, "blue.png", "blue", (64, 32))
    rows: list[TrainingRow] = [label("a", red, "2"), rationale("a", red, "Two."), label("b", blue, "0")]
    return Collator(processor, rows, items.group(rows), TaskWeights(), root)([{"item": 0}, {"item": 1}])


def test_an_encoder_that_learns_sees_each_image_of_a_batch_once(
    model: Any, processor: Any, tmp_path: Path
) -> None:
    shown, (first, _, own) = _seen(model, two_of_one_image(processor, tmp_path), times=2)
    assert shown == [2, 2]
    assert first.allclose(own, atol=1e-5)


def test_an_encoder_that_does_not_learn_sees_each_image_once(
    model: Any, processor: Any, tmp_path: Path
) -> None:
    model.get_encoder(modality="image").requires_grad_(False)
    shown, (first, second, own) = _seen(model, two_of_one_image(processor, tmp_path), times=2)
    assert shown == [1, 1]
    assert first.equal(second)
    assert first.allclose(own, atol=1e-5)


def test_an_encoder_without_memory_sees_each_image_once_a_batch(
    model: Any, processor: Any, tmp_path: Path
) -> None:
    model.get_encoder(modality="image").requires_grad_(False)
    shown, (first, second, own) = _seen(model, two_of_one_image(processor, tmp_path), times=2, remembered=0.0)
    assert shown == [1, 1, 1, 1]
    assert first.equal(second)
    assert first.allclose(own, atol=1e-5)


def test_targets_alone_are_scored_as_all_are_behind_an_adapter_too(model: Any, batch: dict[str, Any]) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    names = ("input_ids", "attention_mask", "pixel_values", "image_grid_thw", "mm_token_type_ids")
    inputs = {name: batch[name] for name in names if name in batch}
    adapted: Any = get_peft_model(
        model, LoraConfig(target_modules="all-linear", init_lora_weights=False)
    ).eval()
    with torch.no_grad():
        every = adapted(**inputs).logits[:, :-1].log_softmax(dim=-1)
        found, targets = TargetHead(model).log_probs(adapted, inputs, batch["labels"])
    wanted = batch["labels"][:, 1:]
    plain = every.gather(-1, wanted.clamp(min=0)[..., None])[..., 0]
    assert targets.equal(wanted != -100)
    assert found[targets].allclose(plain[targets], atol=1e-4)
    assert not found[~targets].any()
