"""Batches: exactly the assistant's unmasked tokens have labels, and image tokens match the images."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.training.training_rows import assistant, label, mixed_rows, picture, rationale, trajectory, user
from vpd.errors import UserError
from vpd.records import MaskedSpan, TrainingRow
from vpd.training import items
from vpd.training.collator import IGNORED, Collator
from vpd.training.settings import TASKS, TaskWeights


def collate(processor: Any, rows: list[TrainingRow], root: Path, **options: Any) -> dict[str, Any]:
    grouped = items.group(rows)
    collator = Collator(processor, rows, grouped, options.pop("weights", TaskWeights()), root, **options)
    return collator([{"item": item} for item in range(len(grouped))])


def learnt(processor: Any, batch: dict[str, Any]) -> list[str]:
    """The text that the labels of each row spell."""
    return [processor.tokenizer.decode(labels[labels != IGNORED]) for labels in batch["labels"]]


def test_labels_spell_the_answers_and_nothing_else(processor: Any, tmp_path: Path) -> None:
    assert learnt(processor, collate(processor, mixed_rows(tmp_path), tmp_path)) == [
        "1<|im_end|>",
        "2<|im_end|>",
        "There are two red cubes. The answer is 2.<|im_end|>",
        "3<|im_end|>",
        "Let me look.\nThe sign reads open. The answer is 3.<|im_end|>",
        "4<|im_end|>",
        "On the table there are four red cubes behind the ball, so the answer is 4.<|im_end|>",
        "5<|im_end|>",
    ]


def test_labels_are_the_token_ids_where_they_stand(processor: Any, tmp_path: Path) -> None:
    batch = collate(processor, mixed_rows(tmp_path), tmp_path)
    has_label = batch["labels"] != IGNORED
    assert batch["labels"][has_label].equal(batch["input_ids"][has_label])
    assert not (has_label & (batch["attention_mask"] == 0)).any()


@given(
    before=st.text(max_size=12),
    hidden=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12),
    after=st.text(max_size=12),
)
def test_a_token_has_a_label_unless_it_touches_a_masked_character(
    processor: Any, before: str, hidden: str, after: str
) -> None:
    text = f"a{before}{hidden}{after}b"
    span = MaskedSpan(message=1, start=1 + len(before), end=1 + len(before) + len(hidden))
    row = TrainingRow(
        id="r", example_id="r", task="label", messages=[user("?", 0), assistant(text)], masked=(span,)
    )
    rendered = processor.apply_chat_template(row.messages, tokenize=False)
    tokens = processor.tokenizer(rendered, return_offsets_mapping=True)
    first, end = rendered.rindex(text), rendered.rindex("<|im_end|>") + len("<|im_end|>")
    low, high = first + span.start, first + span.end
    expected = [
        token if first <= a and b <= end and not (a < high and low < b) else IGNORED
        for token, (a, b) in zip(tokens["input_ids"], tokens["offset_mapping"], strict=True)
    ]
    assert collate(processor, [row], Path())["labels"][0].tolist() == expected


def test_coefficients_make_the_mean_over_examples(processor: Any, tmp_path: Path) -> None:
    rows = mixed_rows(tmp_path)
    rows[0] = rows[0].model_copy(update={"weight": 3.0})
    batch = collate(processor, rows, tmp_path, weights=TaskWeights(rationale=0.5))
    assert (5 * batch["coefficients"]).tolist() == pytest.approx([3, 1, 0.5, 1, 1, 1, 0.5, 1])
    tasks = ["label", "label", "rationale", "label", "trajectory", "label", "rationale", "label"]
    assert [TASKS[task] for task in batch["tasks"]] == tasks


def test_rows_that_count_nothing_are_not_computed(processor: Any, tmp_path: Path) -> None:
    weights = TaskWeights(rationale=0, trajectory=0)
    batch = collate(processor, mixed_rows(tmp_path), tmp_path, weights=weights)
    assert learnt(processor, batch) == [f"{answer}<|im_end|>" for answer in "12345"]


def test_a_batch_in_which_nothing_counts_still_has_a_row(processor: Any, tmp_path: Path) -> None:
    rows = [rationale("a", picture(tmp_path, "red.png"), "Two red cubes.")]
    batch = collate(processor, rows, tmp_path, weights=TaskWeights(rationale=0))
    assert batch["coefficients"].tolist() == [0.0]


def test_image_tokens_are_as_many_as_the_pictures_make(processor: Any, tmp_path: Path) -> None:
    batch = collate(processor, mixed_rows(tmp_path), tmp_path)
    tokens = (batch["input_ids"] == processor.image_token_id).sum(dim=1)
    # 16 x 16 pixels make a token: 48x48, twice 64x32, 32x64, the same with a crop of 24x24, 64x64 twice, 16x32.
    assert tokens.tolist() == [9, 8, 8, 8, 8 + 4, 16, 16, 2]
    assert batch["image_grid_thw"].prod(dim=1).sum() == 4 * tokens.sum()


def test_a_crop_shows_the_pixels_of_its_box(processor: Any, tmp_path: Path) -> None:
    image = picture(tmp_path, "red.png", "red", (64, 64))  # its upper left quarter is white
    row = trajectory("a", image, ["Zoom in.", "It is 3."], box=(0.0, 0.0, 31.5, 32.0))
    batch = collate(processor, [row], tmp_path)
    whole, crop = batch["pixel_values"][:64], batch["pixel_values"][64:]
    assert crop.min() == 1.0  # white, normalised
    assert whole.min() < 1.0


def test_rows_with_and_without_pictures_share_a_batch(processor: Any, tmp_path: Path) -> None:
    text = TrainingRow(
        id="t", example_id="t", task="trajectory", messages=[user("1 + 1?", 0), assistant("2")]
    )
    batch = collate(processor, [text, label("a", picture(tmp_path, "red.png"), "two")], tmp_path)
    assert (batch["input_ids"] == processor.image_token_id).sum(dim=1).tolist() == [0, 9]


def test_processes_of_a_sharded_model_always_see_a_picture(processor: Any) -> None:
    text = TrainingRow(
        id="t", example_id="t", task="trajectory", messages=[user("1 + 1?", 0), assistant("2")]
    )
    batch = collate(processor, [text], Path(), always_images=True)
    assert batch["coefficients"].tolist() == [1.0, 0.0]
    assert "pixel_values" in batch
    assert "pixel_values" not in collate(processor, [text], Path())


def test_a_row_that_masks_all_its_text_is_named(processor: Any, tmp_path: Path) -> None:
    whole = MaskedSpan(message=1, start=0, end=3)
    row = label("a", picture(tmp_path, "red.png"), "two").model_copy(update={"masked": (whole,)})
    with pytest.raises(UserError, match="a/label leaves nothing to learn"):
        collate(processor, [row], tmp_path)


def test_a_picture_that_is_missing_or_has_changed_is_named(processor: Any, tmp_path: Path) -> None:
    row = label("a", picture(tmp_path, "red.png"), "two")
    Image.new("RGB", (8, 8)).save(tmp_path / "red.png")
    with pytest.raises(UserError, match=r"a/label: red\.png has changed"):
        collate(processor, [row], tmp_path)
    (tmp_path / "red.png").unlink()
    with pytest.raises(UserError, match=r"a/label: there is no image"):
        collate(processor, [row], tmp_path)
