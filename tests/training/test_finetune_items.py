"""Batches are made of whole examples, in an order that the seed fixes."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.training.training_rows import mixed_rows
from vpd.training import items
from vpd.training.settings import FinetuneSettings, TaskWeights, twin


def test_an_item_is_an_example_with_all_its_rows(tmp_path: Path) -> None:
    rows = mixed_rows(tmp_path)
    grouped = [[rows[position].task for position in item] for item in items.group(rows)]
    assert grouped == [
        ["label"],
        ["label", "rationale"],
        ["label", "trajectory"],
        ["label", "rationale"],
        ["label"],
    ]


@given(st.integers(1, 30), st.integers(0, 100), st.integers(0, 5))
def test_every_pass_shows_every_item_once(count: int, length: int, seed: int) -> None:
    order = items.order(count, length, seed)
    assert len(order) == length
    for start in range(0, length - count + 1, count):
        assert sorted(order[start : start + count]) == list(range(count))


def test_another_seed_and_another_pass_are_other_orders() -> None:
    order = items.order(100, 200, seed=0)
    assert order[:100] != order[100:]
    assert order != items.order(100, 200, seed=1)


def test_steps_cover_the_passes_that_were_asked_for() -> None:
    settings = FinetuneSettings(model="m", batch_size=4, epochs=2)
    assert items.steps(settings, items=6) == 3
    assert items.steps(settings, items=7) == 4
    assert items.steps(settings.model_copy(update={"steps": 9}), items=6) == 9


def test_rows_of_one_task_share_its_weight(tmp_path: Path) -> None:
    label, _, _, _, _, rationale, other, _ = mixed_rows(tmp_path)
    rows = [label, rationale, other.model_copy(update={"weight": 3.0})]
    assert items.coefficients(rows, TaskWeights(label=2.0, rationale=0.5)) == [2.0, 0.25, 0.75]


def test_the_twin_differs_in_nothing_but_the_terms_of_its_loss() -> None:
    settings = FinetuneSettings(model="m", weights=TaskWeights(label=0.7, rationale=2.0), steps=10, seed=3)
    assert twin(settings).weights == TaskWeights(label=0.7, rationale=0.0, trajectory=0.0)
    assert twin(settings).model_copy(update={"weights": settings.weights}) == settings
