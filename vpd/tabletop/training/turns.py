"""Several questions behind one image, in one row: each sees the image and itself, never another.

So the vision encoder's work serves them all. Rotary positions of each turn go on where the image's end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    question: list[int]
    """Token ids from behind the image up to where the answer begins."""
    answer: list[int]
    """What is to be learnt; -100 where nothing is."""
    shown: list[int]
    """What stands in the answer's place while it is learnt: the same, but for words that nothing is to hang on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Token ids around an image."""

    before: list[int]
    image: int
    after: list[int]
    pad: int


def rows(frame: Frame, grids: Sequence[tuple[int, int]], turns: Sequence[Sequence[Turn]]) -> dict[str, Any]:
    """Tensors for a batch, one row to an image.

    Args:
        grids: rows and columns of each image's tokens.

    Returns:
        `input_ids` and `labels` (-100 where nothing is to be learnt) of shape (images, length); `position_ids`
        of shape (3, images, length): time, height and width (M-RoPE, Wang et al. 2024, arXiv 2409.12191, section
        2.1); `part`: -1 for the image and what stands before the turns, the turn's number, -2 for padding.
    """
    import torch

    heads = [len(frame.before) + high * wide + len(frame.after) for high, wide in grids]
    length = max(
        head + sum(len(t.question) + len(t.answer) for t in its)
        for head, its in zip(heads, turns, strict=True)
    )
    ids = torch.full((len(grids), length), frame.pad)
    labels = torch.full_like(ids, -100)
    part = torch.full_like(ids, -2)
    positions = torch.zeros((3, *ids.shape), dtype=torch.long)
    for row, ((high, wide), head) in enumerate(zip(grids, heads, strict=True)):
        start = len(frame.before)
        ids[row, :head] = torch.tensor([*frame.before, *[frame.image] * (high * wide), *frame.after])
        part[row, :head] = -1
        grid = torch.stack(
            [torch.zeros(high, wide), *torch.meshgrid(torch.arange(high), torch.arange(wide), indexing="ij")]
        )
        past = start + max(high, wide)
        positions[:, row, :start] = torch.arange(start)
        positions[:, row, start : start + high * wide] = grid.flatten(1).long() + start
        positions[:, row, start + high * wide : head] = torch.arange(len(frame.after)) + past
        at = head
        for number, turn in enumerate(turns[row]):
            whole = turn.question + turn.shown
            end = at + len(whole)
            ids[row, at:end] = torch.tensor(whole)
            labels[row, at + len(turn.question) : end] = torch.tensor(turn.answer)
            positions[:, row, at:end] = torch.arange(len(whole)) + past + len(frame.after)
            part[row, at:end] = number
            at = end
    return {"input_ids": ids, "labels": labels, "position_ids": positions, "part": part}


def mask(part: Any) -> Any:
    """Of shape (rows, 1, length, length): true where a token (second last) sees another (last)."""
    import torch

    length = part.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=part.device).tril()
    seen = (part[:, :, None] == part[:, None, :]) | (part[:, None, :] == -1)
    return (seen & causal)[:, None]
