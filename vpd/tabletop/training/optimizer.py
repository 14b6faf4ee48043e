"""Muon for the hidden layers' matrices, AdamW for all other weights, under one trapezoidal schedule.

Muon: Jordan et al. 2024, kellerjordan.github.io/posts/muon; small models learn with it in far fewer steps.
"""

from typing import Any

from vpd.tabletop.training.specialist import Schedule

_NOT_HIDDEN = ("embed", "head", "position", "patch", "projection", "logit")


class Optimizer:
    """Both optimizers as one."""

    def __init__(self, model: Any, schedule: Schedule) -> None:
        import torch

        matrices: list[Any] = []
        others: list[Any] = []
        for name, weight in model.named_parameters():
            if weight.requires_grad:
                hidden = weight.ndim == 2 and not any(part in name for part in _NOT_HIDDEN)
                (matrices if hidden else others).append(weight)
        self._schedule = schedule
        self._weights = [*matrices, *others]
        self._parts: list[tuple[Any, float]] = []
        if matrices:
            muon = torch.optim.Muon(matrices, lr=schedule.muon, weight_decay=0.01)
            self._parts.append((muon, schedule.muon))
        adamw = torch.optim.AdamW(others, lr=schedule.adamw, betas=(0.9, 0.98), weight_decay=0.0)
        self._parts.append((adamw, schedule.adamw))

    def step(self, number: int) -> None:
        """Apply the gradients, clipped to a norm of 1, at the rate of a step, from 0; then clear them."""
        import torch

        torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        for part, peak in self._parts:
            for group in part.param_groups:
                group["lr"] = peak * self._schedule.rate(number)
            part.step()
            part.zero_grad(set_to_none=True)

    def state(self) -> list[Any]:
        return [part.state_dict() for part, _ in self._parts]

    def restore(self, state: list[Any]) -> None:
        for (part, _), its in zip(self._parts, state, strict=True):
            part.load_state_dict(its)
