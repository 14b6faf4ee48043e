"""A start from which a small vision transformer learns soon: at first each patch looks at those around it.

Positions begin as waves (Vaswani et al. 2017, section 3.5, in two dimensions), and queries equal to keys, so that
patches attend to what is near and alike them, as in trained transformers (Trockman and Kolter 2023, arXiv 2305.09828).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_SHARPNESS = 1.5
"""Standard deviation of a query's components, where inputs have one of 1."""


def look_around(positions: "Tensor", strength: float, attentions: "Sequence[tuple[Tensor, Tensor]]") -> None:
    """Fill weights in place.

    Args:
        positions: (patches, width) of a square grid, row by row.
        strength: standard deviation of what is put there.
        attentions: weights of queries and keys, each (width, width), of every layer.
    """
    import torch

    with torch.no_grad():
        positions.copy_(strength * _waves(round(len(positions) ** 0.5), positions.shape[1]))
        for queries, keys in attentions:
            queries.normal_(std=_SHARPNESS * queries.shape[1] ** -0.5)
            keys.copy_(queries)


def _waves(side: int, width: int) -> "Tensor":
    """(side², width), of mean 0 and standard deviation 1."""
    import torch

    # Half a wave is from the whole image to two patches long.
    lengths = 2 * side * (2 / side) ** torch.linspace(0, 1, width // 4)
    angles = 2 * torch.pi * torch.arange(side)[:, None] / lengths
    one = torch.cat([angles.sin(), angles.cos()], dim=1)
    rows = one[:, None].expand(side, side, -1)
    columns = one[None].expand(side, side, -1)
    whole = torch.cat([rows, columns], dim=-1).reshape(side * side, -1)
    return (whole - whole.mean()) / whole.std()
