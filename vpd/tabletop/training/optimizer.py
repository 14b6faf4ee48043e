"""Muon for the hidden layers' matrices, AdamW for all other weights, under one trapezoidal schedule.

Small models learn with Muon in far fewer steps.
"""

from collections.abc import Mapping
from typing import Any

from vpd.tabletop.training.specialist import Schedule

_NOT_HIDDEN = ("embed", "head", "position", "patch", "projection", "logit")


class Optimizer:
    """Both optimizers as one."""

    def __init__(self, model: Any, schedule: Schedule) -> None:
        import torch

        from vpd.tabletop.training.muon import Muon

        self._schedule = schedule
        self._weights = [weight for weight in model.parameters() if weight.requires_grad]
        matrices: dict[float, list[Any]] = {}
        others: dict[float, list[Any]] = {}
        for name, weight in model.named_parameters():
            if weight.requires_grad:
                hidden = weight.ndim == 2 and not any(part in name for part in _NOT_HIDDEN)
                share = next((s for part, s in schedule.slower.items() if part in name), 1.0)
                (matrices if hidden else others).setdefault(share, []).append(weight)
        self._parts: list[Any] = []
        if matrices:
            groups = _groups(matrices, schedule.muon)
            self._parts.append(Muon(groups, weight_decay=0.01))
        groups = _groups(others, schedule.adamw)
        self._parts.append(torch.optim.AdamW(groups, lr=schedule.adamw, betas=(0.9, 0.98), weight_decay=0.0))
        self._peaks = [[group["lr"] for group in part.param_groups] for part in self._parts]

    def step(self, number: int) -> None:
        """Apply the gradients, clipped to a norm of 1, at the rate of a step, from 0; then clear them."""
        import torch

        torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        for part, peaks in zip(self._parts, self._peaks, strict=True):
            for group, peak in zip(part.param_groups, peaks, strict=True):
                group["lr"] = peak * self._schedule.rate(number)
            part.step()
            part.zero_grad(set_to_none=True)

    def state(self) -> list[Any]:
        return [part.state_dict() for part in self._parts]

    def restore(self, state: list[Any]) -> None:
        for part, its in zip(self._parts, state, strict=True):
            part.load_state_dict(its)


def _groups(weights: Mapping[float, list[Any]], rate: float) -> list[dict[str, Any]]:
    return [{"params": its, "lr": share * rate} for share, its in weights.items()]
