"""What the settings of every stage have in common."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A part of a recipe: immutable, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
