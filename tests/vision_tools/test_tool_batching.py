"""Batches: order kept, shapes apart, smaller when memory runs out."""

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vision_tools.batching import Batcher
from vision_tools.errors import ToolError


@given(st.lists(st.integers(0, 3)), st.integers(1, 5))
def test_results_come_in_order_from_batches_of_one_shape_each(shapes: list[int], size: int) -> None:
    batches: list[list[int]] = []

    def forward(items: Sequence[tuple[int, int]]) -> list[int]:
        batches.append([shape for _, shape in items])
        return [index for index, _ in items]

    inputs = list(enumerate(shapes))
    assert Batcher(size).run(inputs, forward, shape=lambda item: item[1]) == [i for i, _ in inputs]
    assert all(len(set(batch)) == 1 and len(batch) <= size for batch in batches)


@pytest.mark.parametrize(
    "failure",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
    ids=["cuda", "cpu", "python"],
)
@given(number=st.integers(0, 20), fits=st.integers(1, 8))
def test_when_memory_runs_out_smaller_batches_are_tried(failure: Exception, number: int, fits: int) -> None:
    def forward(items: Sequence[int]) -> list[int]:
        if len(items) > fits:
            raise failure
        return [-item for item in items]

    batcher = Batcher(16)
    assert batcher.run(range(number), forward) == [-i for i in range(number)]
    assert batcher.size <= max(fits, 1) or number <= fits


def test_a_real_allocation_that_cannot_succeed_is_backed_off_from() -> None:
    def forward(items: Sequence[int]) -> list[int]:
        if len(items) > 1:
            torch.empty(2**50)
        return list(items)

    assert Batcher(8).run(range(5), forward) == list(range(5))


def test_one_input_that_does_not_fit_alone_is_an_error() -> None:
    def forward(_: Sequence[int]) -> list[int]:
        raise MemoryError

    with pytest.raises(ToolError, match="one input alone does not fit into memory"):
        Batcher(4).run([1, 2, 3], forward)


def test_other_failures_are_not_taken_for_it() -> None:
    def forward(_: Sequence[int]) -> list[int]:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        Batcher(4).run([1], forward)
