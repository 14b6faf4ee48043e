"""The score: the probability that a program is right for the right reasons."""

import math
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from vpd.resources import resource


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Value):
    """A logistic regression over named features."""

    intercept: float
    weights: dict[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        logit = self.intercept + math.fsum(self.contributions(features).values())
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))

    def contributions(self, features: Mapping[str, float]) -> dict[str, float]:
        """What each feature adds to the log-odds."""
        return {name: weight * features[name] for name, weight in self.weights.items()}


class Threshold(_Value):
    score: float
    precision: float
    """Of the programs with at least this score."""
    kept: float
    """Their share of all that could be kept."""


class Bin(_Value):
    """Programs of similar score, for a reliability diagram."""

    predicted: float
    """Their mean score."""
    right: float
    """The share of them that is right."""
    programs: int


class Score(Weights):
    """A fitted score, with what it was found to be worth on data it was not fitted on."""

    thresholds: tuple[Threshold, ...]
    """By rising score."""
    reliability: tuple[Bin, ...]

    def threshold(self, precision: float) -> float:
        """The lowest score from which programs are right with a precision; above 1 where there is none."""
        return min((each.score for each in self.thresholds if each.precision >= precision), default=1.01)


class ScoreModel(_Value):
    """What `data/evidence.json` holds."""

    provenance: str
    """How it was made, of what."""
    credibility: Weights
    """What a program is worth as a witness, from what it says for itself."""
    labelled: Score
    """Of programs whose answer is the label's."""
    unlabelled: Score
    """Of programs of which only the answer is known."""


class Probability(NamedTuple):
    value: float
    contributions: Mapping[str, float]
    """What each feature added to the log-odds."""


@cache
def load_score_model() -> ScoreModel:
    return ScoreModel.model_validate_json(score_model_text())


def score_model_text() -> str:
    """The bundled model as it is stored, for fingerprints."""
    return resource("data", "evidence.json").read_text("utf-8")
