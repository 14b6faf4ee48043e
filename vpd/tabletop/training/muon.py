"""Muon: momentum whose matrix is made orthogonal, so that it moves all directions alike.

Jordan et al. 2024, kellerjordan.github.io/posts/muon. As `torch.optim.Muon`, but in the weights' own precision: that
one multiplies in bfloat16, for which processors without instructions for it take fifteen times as long.
"""

from collections.abc import Sequence
from typing import Any

import torch

_A, _B, _C = 3.4445, -4.7750, 2.0315
"""Of the quintic polynomial that brings all singular values near 1."""

_ITERATIONS, _MOMENTUM = 5, 0.95


class Muon(torch.optim.Optimizer):
    """For matrices alone, with Nesterov's momentum and decoupled weight decay."""

    def __init__(self, groups: Sequence[dict[str, Any]], *, weight_decay: float) -> None:
        """Of groups of `params` with a learning rate `lr` each."""
        super().__init__(groups, {"weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Move the weights that have a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(weight)
                momentum = state["momentum_buffer"]
                momentum.lerp_(weight.grad, 1 - _MOMENTUM)
                update = orthogonal(weight.grad.lerp(momentum, _MOMENTUM))
                rows, columns = weight.shape
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(update, alpha=-group["lr"] * max(1.0, rows / columns) ** 0.5)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The same singular vectors, singular values near 1: a few steps of Newton and Schulz's iteration."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(_ITERATIONS):
        square = x @ x.T
        x = _A * x + (_B * square + _C * square @ square) @ x
    return x.T if tall else x
