"""The recipe's part on verification."""

from typing import Literal

from pydantic import Field

from vpd.language_models.settings import LanguageModelSettings
from vpd.settings import Settings


class VerificationSettings(Settings):
    """When a candidate is kept."""

    preset: Literal["paper", "evidence"] = "evidence"
    """`paper` keeps every answer that is the label's, and selects the program with the highest log-probability
    (Visual Program Distillation, section 3.1). `evidence` asks more: that the program is likely enough to be
    right for the right reasons; it selects the likeliest. Its score was fitted on a drawn world, where the truth
    is known; on other data its precision is an estimate."""
    target_precision: float = Field(default=0.95, gt=0, lt=1)
    """Share of the kept programs that are to be right for the right reasons; `paper` asks for none. Where the score
    reaches that nowhere, nothing is kept: on questions without a label it can promise no more than about 0.97."""
    unlabelled: bool = True
    """Whether a question without a label may have a program kept: on evidence and the agreement of its programs,
    at the same precision; under `paper` unverified, as there."""
    accept_score: float = Field(default=0.5, gt=0, le=1)
    """Soft accuracy from which an answer counts as correct."""
    judge: LanguageModelSettings | None = None
    """A language model that says whether two open answers are the same, where the rules leave doubt."""
    perturbation: Literal["off", "mirror", "crop", "brightness"] = "off"
    """Run some programs on changed images too: the only evidence that asks the tools anew."""
    perturbation_calls: float = Field(default=0.3, gt=0)
    """How many calls that may add, as a share of those that were made."""
