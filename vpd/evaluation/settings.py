"""The recipe's part on evaluation."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from vpd.settings import Settings


class EvaluationSettings(Settings):
    """On which questions a run's student, its twin, their base and the programs are compared, and how they answer."""

    benchmark: str
    """A name, a definition (YAML) or questions (JSONL), as `vpd evaluate --benchmark` takes it."""
    data: Path | None = None
    """A folder in place of the hub, or of the images."""
    limit: int | None = Field(default=None, ge=1)
    """Ask the first so many questions."""
    samples: int = Field(default=5, ge=1)
    """Programs that are drawn for each question, all at once."""
    ways: tuple[Literal["direct", "rationale", "pixel"], ...] = ("direct",)
    """How models answer; each way is a system of its own."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Of one reply; null for what the way of answering needs."""
    batch_size: int = Field(default=8, ge=1)
    """Questions that a model reads at once."""
    device: str = "auto"
    """auto takes a GPU if there is one."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
