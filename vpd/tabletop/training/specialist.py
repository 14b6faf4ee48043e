"""What a training script says of its model: how it is built, what it learns from, how it is saved and scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vpd.tabletop.splits import Split


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to learn."""

    steps: int
    batch_size: int
    muon: float = 0.02
    """Peak learning rate of the hidden layers' matrices."""
    adamw: float = 2e-3
    """Of all other weights."""
    warmup: int = 100
    """Steps in which the rates rise."""
    decay: float = 0.4
    """Share of the steps, at the end, in which they fall to zero."""
    slower: Mapping[str, float] = field(default_factory=dict[str, float])
    """By a part of their names: weights that were trained before, and the share of the rates that they learn at."""

    def rate(self, step: int) -> float:
        """Share of the peak rates at a step, from 0: a trapezoid."""
        rising = (step + 1) / self.warmup
        falling = (self.steps - step) / max(self.decay * self.steps, 1)
        return min(rising, 1.0, falling)


class Specialist(Protocol):
    """One of the models. Everything it draws comes from the generator that it is given."""

    @property
    def name(self) -> str: ...

    @property
    def schedule(self) -> Schedule: ...

    @property
    def data(self) -> str:
        """For the card: what it learns from."""
        ...

    @property
    def loading(self) -> str:
        """For the card: the part of a recipe that loads it, in YAML; '' where none does."""
        ...

    def build(self) -> Any:
        """The model with fresh weights, drawn from torch's generator."""
        ...

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> Any:
        """Examples of the training split. `part` says which of `pictures.PARTS` parts of the scenes to draw from."""
        ...

    def loss(self, model: Any, batch: Any) -> Any:
        """A scalar tensor, of a batch on the model's device."""
        ...

    def save(self, model: Any, folder: Path) -> None:
        """All that the adapter needs, as safetensors and configuration."""
        ...

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        """Of the saved model, loaded through its adapter, on `count` scenes or questions."""
        ...
