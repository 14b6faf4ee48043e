"""The recipe's part on sampling."""

from typing import Literal

from pydantic import Field

from vpd.language_models.settings import LanguageModelSettings, OpenAISettings
from vpd.settings import Settings


class Round(Settings):
    """Draws programs for the questions that have no accepted one yet."""

    samples: int = Field(ge=1)
    """Programs to draw for each of them."""
    mode: Literal["fresh", "repair"] = "fresh"
    """`repair` shows the model a failed program with what went wrong, never the answer."""
    temperature: float = Field(default=0.7, ge=0)


PAPER = (Round(samples=5, temperature=0.5),)
"""Visual Program Distillation, section 3.1: k = 5 at temperature 0.5, whatever the question."""

ADAPTIVE = (
    Round(samples=1, temperature=0.2),
    Round(samples=1, mode="repair", temperature=0.7),
    Round(samples=1, temperature=0.9),
    Round(samples=2, temperature=1.0),
)
"""Five samples too, but one after the other: where each sends the prompt anyway, none after the first accepted one
is paid for."""

ADAPTIVE_SHARED = (Round(samples=2, temperature=0.5), Round(samples=3, mode="repair", temperature=0.9))
"""Where the samples of one request share its prompt, few rounds: each sends the prompt again."""


class SamplingSettings(Settings):
    """How programs are drawn."""

    model: LanguageModelSettings
    preset: Literal["adaptive", "paper"] = "adaptive"
    """The rounds, where `rounds` says nothing: `adaptive` stops where a program is accepted, and draws more samples
    at once where the model gives several for one prompt; `paper` draws five for every question."""
    rounds: tuple[Round, ...] | None = Field(default=None, min_length=1)
    """One after the other, each for the questions that the ones before left without an accepted program."""
    max_tokens: int = Field(default=600, ge=16)
    """The most tokens of one reply."""
    examples: tuple[str, ...] | None = None
    """Names of the few-shot examples in the prompt, in order; all of them by default."""
    hint: str = ""
    """What the model should know of this data set, e.g. `Answer with one word.`"""
    seed: int = 0
    max_tokens_total: int | None = Field(default=None, ge=1)
    """Tokens, read and written, at which a run stops."""
    max_cost: float | None = Field(default=None, gt=0)
    """Money, by the model's prices, at which a run stops."""

    @property
    def schedule(self) -> tuple[Round, ...]:
        if self.rounds is not None:
            return self.rounds
        if self.preset == "paper":
            return PAPER
        shared = isinstance(self.model, OpenAISettings) and self.model.samples_per_request > 1
        return ADAPTIVE_SHARED if shared else ADAPTIVE
