"""A batch cut into parts of rows of like length: little is computed for padding.

The rows of one batch differ much in length, a label's from a rationale's above all, and all are padded to the
longest. A part is a batch of its own, with the images of its rows.
"""

from collections.abc import Sequence
from typing import Any

A_PART = 256
"""Tokens that take as long as what a part more costs by itself: calls of kernels, and reading the weights again."""

_OF_ROWS = ("coefficients", "tasks", "shown")


def parts(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The batch in parts; whole, where cutting saves nothing or its images cannot be told apart.

    Args:
        batch: as `collator.Collator` makes it: padded on the right.
    """
    import torch

    lengths = batch["attention_mask"].sum(dim=1).tolist()
    groups = grouped(lengths)
    images = _images(batch) if len(groups) > 1 else None
    if images is None:
        return [batch]
    starts = [0, *batch["shown"].cumsum(0).tolist()]
    made: list[dict[str, Any]] = []
    for group in groups:
        rows = torch.tensor(group, device=batch["labels"].device)
        seen = [at for row in group for at in range(starts[row], starts[row + 1])]
        length = max(lengths[row] for row in group)
        made.append(
            {"views": batch["views"][:0]}  # where no row shows an image
            | {name: batch[name][rows] for name in _OF_ROWS}
            | {
                name: value[rows, :length]
                for name, value in batch.items()
                if name not in _OF_ROWS and _of_tokens(value, batch)
            }
            | (
                {name: torch.cat([pieces[at] for at in seen]) for name, pieces in images.items()}
                if seen
                else {}
            )
        )
    return made


def grouped(lengths: Sequence[int], a_part: int | None = None) -> list[list[int]]:
    """Positions of `lengths` in groups, so that padding and parts together cost the fewest tokens; longest first."""
    a_part = A_PART if a_part is None else a_part
    order = sorted(range(len(lengths)), key=lambda at: -lengths[at])
    best: list[tuple[int, int]] = [(0, 0)]
    """For the first so many of the order: the cost, and where the last group starts."""
    for end in range(1, len(order) + 1):
        best.append(
            min(
                (best[start][0] + a_part + (end - start) * lengths[order[start]], start)
                for start in range(end)
            )
        )
    found: list[list[int]] = []
    end = len(order)
    while end:
        start = best[end][1]
        found.append(sorted(order[start:end]))
        end = start
    return found[::-1]


def _of_tokens(value: Any, batch: dict[str, Any]) -> bool:
    return value.ndim > 1 and value.shape[:2] == batch["labels"].shape


def _images(batch: dict[str, Any]) -> dict[str, Sequence[Any]] | None:
    """What belongs to images, cut into that of each image; None where it is not known which part is whose."""
    shown = batch["shown"]
    count = int(shown.sum())
    patches = batch["image_grid_thw"].prod(dim=1) if "image_grid_thw" in batch else None
    if patches is None and count == len(shown) and bool((shown != 1).any()):
        return None  # as many images as rows, but not one each: what has their number may belong to either
    found: dict[str, Sequence[Any]] = {}
    for name, value in batch.items():
        if name in _OF_ROWS or _of_tokens(value, batch):
            continue
        if len(value) == count:
            found[name] = value.split(1)
        elif patches is not None and len(value) == int(patches.sum()):
            found[name] = value.split(patches.tolist())
        else:
            return None
    return found
