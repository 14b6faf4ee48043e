"""Batches for models: inputs of one shape together, as many as fit, fewer when memory runs out."""

import sys
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from vision_tools.errors import ToolError, ToolUnavailable

T = TypeVar("T")
R = TypeVar("R")


class Batcher:
    """Runs a model over any number of inputs. Remembers the size that fitted."""

    def __init__(self, size: int) -> None:
        """
        Args:
            size: the largest batch to try.

        Raises:
            ToolUnavailable: it is less than 1.
        """
        if size < 1:
            raise ToolUnavailable(f"a batch size of {size} is none; use 1 or more")
        self.size = size

    def run(
        self,
        inputs: Sequence[T],
        forward: Callable[[Sequence[T]], Sequence[R]],
        shape: Callable[[T], Hashable] = lambda _: None,
    ) -> list[R]:
        """One result per input, in order.

        Inputs of different shapes never share a batch: padding would make a result depend on its neighbours.
        When memory runs out, the batch is halved and tried again.

        Args:
            shape: what two inputs must have in common to be stacked.

        Raises:
            ToolError: a single input does not fit into memory.
        """
        groups: dict[Hashable, list[int]] = {}
        for index, item in enumerate(inputs):
            groups.setdefault(shape(item), []).append(index)
        results: dict[int, R] = {}
        for group in groups.values():
            start = 0
            while chunk := group[start : start + self.size]:
                done = _attempt(forward, [inputs[index] for index in chunk])
                if done is None:
                    self._shrink(len(chunk))
                else:
                    results.update(zip(chunk, done, strict=True))
                    start += len(chunk)
        return [results[index] for index in range(len(inputs))]

    def _shrink(self, tried: int) -> None:
        if tried == 1:
            raise ToolError(
                "one input alone does not fit into memory; use a smaller model, a half-precision dtype, or "
                "another device"
            )
        self.size = tried // 2
        if torch := sys.modules.get("torch"):
            torch.cuda.empty_cache()


def _attempt(forward: Callable[[Sequence[T]], Sequence[R]], chunk: Sequence[T]) -> Sequence[R] | None:
    """The results, or None when memory ran out; then nothing of the failed attempt is held any more."""
    try:
        return forward(chunk)
    except Exception as error:
        if not _out_of_memory(error):
            raise
        return None


def _out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    # Not every back end has an exception of its own: the CPU allocator and cuBLAS raise plain RuntimeErrors.
    reason = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        sign in reason for sign in ("out of memory", "can't allocate memory", "cublas_status_alloc_failed")
    )
