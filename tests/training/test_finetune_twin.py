"""The student and its no-rationale twin see the same labels in the same steps."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.training.training_rows import mixed_rows
from vpd.training import curve
from vpd.training.collator import IGNORED, Collator
from vpd.training.finetuning import Finetuned, finetune
from vpd.training.settings import FinetuneSettings, twin


class Pair(NamedTuple):
    """A student and its twin, trained on the same rows, and the labels that each was taught, with their shares."""

    student: Finetuned
    twin: Finetuned
    taught: list[list[tuple[str, float]]]


@pytest.fixture(scope="module")
def settings(tiny_vlm: Path) -> FinetuneSettings:
    return FinetuneSettings(
        model=str(tiny_vlm), steps=4, batch_size=3, warmup=0.0, learning_rate=1e-3, device="cpu"
    )


@pytest.fixture(scope="module")
def pair(settings: FinetuneSettings, processor: Any, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("pair")
    taught: list[list[tuple[str, float]]] = []
    collate = Collator.__call__

    def spy(self: Collator, features: Any) -> dict[str, Any]:
        batch = collate(self, features)
        texts = [processor.tokenizer.decode(labels[labels != IGNORED]) for labels in batch["labels"]]
        taught[-1] += [
            (text, coefficient)
            for text, coefficient, task in zip(
                texts, batch["coefficients"].tolist(), batch["tasks"], strict=True
            )
            if task == 0
        ]
        return batch

    done: list[Finetuned] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Collator, "__call__", spy)
        for name, chosen in [("student", settings), ("twin", twin(settings))]:
            taught.append([])
            done.append(finetune(chosen, mixed_rows(folder), folder, folder / name))
    return Pair(*done, taught)


def test_the_twin_is_taught_the_same_labels_in_the_same_steps(pair: Pair) -> None:
    assert pair.taught[0] == pair.taught[1]
    assert len(pair.taught[0]) == 4 * 3


def test_both_start_from_the_same_weights_and_take_as_many_steps(pair: Pair) -> None:
    student, other = curve.read(pair.student.losses), curve.read(pair.twin.losses)
    assert other[0].tasks["label"] == pytest.approx(student[0].tasks["label"], rel=1e-6)
    assert [(step.learning_rate, step.rows["label"]) for step in other] == [
        (step.learning_rate, step.rows["label"]) for step in student
    ]
    assert all(step.loss == pytest.approx(step.tasks["label"]) for step in other)


def test_the_twins_card_says_what_it_is(pair: Pair) -> None:
    card = (pair.twin.folder / "README.md").read_text(encoding="utf-8")
    assert "no rationales: the twin" in card
    assert "rationale loss" not in card


def test_an_example_without_a_label_keeps_its_place(settings: FinetuneSettings, tmp_path: Path) -> None:
    rows = mixed_rows(tmp_path)
    unlabelled = [
        rows[0].model_copy(update={"id": f"u{i}", "example_id": f"u{i}", "task": "rationale"}) for i in (0, 1)
    ]
    rows = [*unlabelled, *rows]
    student = curve.read(finetune(settings, rows, tmp_path, tmp_path / "student").losses)
    other = curve.read(finetune(twin(settings), rows, tmp_path, tmp_path / "twin").losses)
    assert [step.rows.get("label", 0) for step in other] == [step.rows.get("label", 0) for step in student]
