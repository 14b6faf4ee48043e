"""The recipe's parts on tools and on running programs."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from vpd.execution.limits import Limits
from vpd.settings import Settings


class ToolSettings(BaseModel):
    """One tool: its name, and the settings that this tool knows."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class ExecutionSettings(Settings):
    """How programs run."""

    limits: Limits = Limits()
    concurrency: int = Field(default=128, ge=1)
    """Programs in flight at once, each in a process of its own: more make larger tool batches."""
    tool_seconds: float = Field(default=30.0, gt=0)
    """Time limit of one tool call; a batch may take this long for each of its calls."""
