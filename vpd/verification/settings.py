"""The recipe's part on verification."""

from pydantic import Field

from vpd.settings import Settings


class VerificationSettings(Settings):
    """When a candidate is kept."""

    accept_score: float = Field(default=0.5, gt=0, le=1)
    """Soft accuracy from which an answer counts as correct."""
