"""The loss is VPD's: each sequence's mean over its own tokens, summed by task, averaged over examples."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.training_rows import label, mixed_rows, picture, rationale, trajectory
from vpd.records import MaskedSpan, TrainingRow
from vpd.training import curve, items
from vpd.training.collator import IGNORED, Collator
from vpd.training.finetuning import finetune
from vpd.training.loss import batch_loss, sequence_losses
from vpd.training.settings import FinetuneSettings, TaskWeights


def first_step(
    tiny_vlm: Path, rows: list[TrainingRow], root: Path, name: str, **settings: Any
) -> curve.StepLoss:
    count = len(items.group(rows))
    chosen = {"batch_size": count, "warmup": 0.0, "gradient_checkpointing": False, **settings}
    settings_ = FinetuneSettings(model=str(tiny_vlm), steps=1, device="cpu", **chosen)
    return curve.read(finetune(settings_, rows, root, root / name).losses)[0]


def by_hand(model: Any, processor: Any, row: TrainingRow, root: Path, taught: list[str]) -> float:
    """The mean negative log-likelihood of `taught`, in order, in one row computed alone."""
    import torch
    from PIL import Image

    images = [Image.open(root / view.image.path) for view in row.images]
    images = [
        image if view.box is None else image.crop(tuple(map(int, view.box)))
        for image, view in zip(images, row.images, strict=True)
    ]
    text = processor.apply_chat_template(row.messages, tokenize=False)
    inputs = processor(text=[text], images=images, return_tensors="pt")
    ids = inputs["input_ids"][0].tolist()
    with torch.no_grad():
        logits = model(**inputs).logits[0]
    losses: list[float] = []
    start = 0
    for piece in taught:
        tokens = processor.tokenizer(piece)["input_ids"]
        start = next(i for i in range(start, len(ids)) if ids[i : i + len(tokens)] == tokens)
        for position in range(start, start + len(tokens)):
            losses.append(-torch.log_softmax(logits[position - 1], dim=0)[ids[position]].item())
    return sum(losses) / len(losses)


def test_a_batch_of_unequal_lengths_has_the_loss_computed_by_hand(
    tiny_vlm: Path, model: Any, processor: Any, tmp_path: Path
) -> None:
    red = picture(tmp_path, "red.png")
    blue = picture(tmp_path, "blue.png", "blue", (64, 32))
    short, long = (
        "Two red cubes.",
        "On the table there are two red cubes left of the blue ball, so the answer is 2.",
    )
    turns = ["Zoom. WRONG", "It is open."]
    rows = [
        label("a", red, "2"),
        label("b", blue, "behind the green cone"),
        rationale("b", blue, long),
        label("c", red, "yes", weight=0.5),
        rationale("c", red, long),
        rationale("c", red, short, weight=2.0),
        trajectory("d", blue, turns, [MaskedSpan(message=1, start=5, end=11)]),
    ]

    def nll(row: int, *taught: str) -> float:
        return by_hand(model, processor, rows[row], tmp_path, list(taught))

    a = nll(0, "2<|im_end|>")
    b = nll(1, "behind the green cone<|im_end|>") + 0.5 * nll(2, long + "<|im_end|>")
    c = (
        0.5 * nll(3, "yes<|im_end|>")
        + 0.5 * (nll(4, long + "<|im_end|>") + 2.0 * nll(5, short + "<|im_end|>")) / 2
    )
    d = 3.0 * nll(6, "Zoom.", "It is open.<|im_end|>")

    weights = TaskWeights(label=1.0, rationale=0.5, trajectory=3.0)
    step = first_step(tiny_vlm, rows, tmp_path, "run", weights=weights, micro_batch_size=2)
    assert step.loss == pytest.approx((a + b + c + d) / 4, rel=1e-5)
    assert step.tasks["label"] == pytest.approx(
        (nll(0, "2<|im_end|>") + nll(1, "behind the green cone<|im_end|>") + nll(3, "yes<|im_end|>")) / 3,
        rel=1e-5,
    )
    assert step.rows == {"label": 3, "rationale": 3, "trajectory": 1}


@pytest.mark.parametrize("micro", [1, 2])
def test_accumulation_changes_neither_loss_nor_weights(tiny_vlm: Path, tmp_path: Path, micro: int) -> None:
    rows = mixed_rows(tmp_path)[:4] + mixed_rows(tmp_path)[5:]
    at_once = first_step(tiny_vlm, rows, tmp_path, "whole", micro_batch_size=4)
    in_parts = first_step(tiny_vlm, rows, tmp_path, "parts", micro_batch_size=micro)
    assert in_parts.loss == pytest.approx(at_once.loss, rel=1e-5)
    for name, weight in weights(tmp_path / "whole").items():
        assert weights(tmp_path / "parts")[name].numpy() == pytest.approx(weight.numpy(), abs=2e-5), name


def weights(out: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(out / "adapter" / "adapter_model.safetensors")


def test_masked_tokens_get_no_gradient_and_all_others_do(model: Any, processor: Any, tmp_path: Path) -> None:
    import torch

    rows = mixed_rows(tmp_path)
    grouped = items.group(rows)
    batch = Collator(processor, rows, grouped, TaskWeights(), tmp_path)(
        [{"item": i} for i in range(len(grouped))]
    )
    labels, coefficients = batch.pop("labels")[:, 1:], batch.pop("coefficients")
    batch.pop("tasks")
    logits = model(**batch).logits[:, :-1]
    logits.retain_grad()
    log_probs = torch.log_softmax(logits, dim=-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    batch_loss(sequence_losses(log_probs, labels != IGNORED), coefficients).backward()
    assert ((logits.grad != 0).any(dim=-1) == (labels != IGNORED)).all()


def test_what_a_masked_ending_says_changes_neither_loss_nor_weights(tiny_vlm: Path, tmp_path: Path) -> None:
    image = picture(tmp_path, "red.png")

    # The masked words end the conversation, so that nothing that is learnt comes after them.
    def row(ending: str) -> TrainingRow:
        text = "It is 3." + ending
        return trajectory("a", image, ["Zoom in.", text], [MaskedSpan(message=3, start=8, end=len(text))])

    ours = first_step(tiny_vlm, [row(" WRONG")], tmp_path, "ours")
    other = first_step(tiny_vlm, [row(" and many other words")], tmp_path, "other")
    assert other.loss == pytest.approx(ours.loss, rel=1e-6)
    for name, weight in weights(tmp_path / "ours").items():
        assert weights(tmp_path / "other")[name].numpy() == pytest.approx(weight.numpy(), abs=2e-5), name
    unmasked = row(" WRONG").model_copy(update={"masked": ()})
    assert first_step(tiny_vlm, [unmasked], tmp_path, "unmasked").loss != pytest.approx(ours.loss, rel=1e-3)


def test_a_weight_of_zero_leaves_a_term_out(tiny_vlm: Path, tmp_path: Path) -> None:
    rows = mixed_rows(tmp_path)
    both = first_step(tiny_vlm, rows, tmp_path, "both")
    labels = first_step(tiny_vlm, rows, tmp_path, "labels", weights=TaskWeights(rationale=0, trajectory=0))
    assert labels.loss == pytest.approx(both.tasks["label"], rel=1e-6)
    assert labels.rows == {"label": 5}
