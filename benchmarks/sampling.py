"""Tokens and cost for a given yield: rounds that stop at an accepted program against five programs for each.

python -m benchmarks sampling
"""

import contextlib
import io
import json
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.results import Report
from benchmarks.simulated.provider import Provider, serve
from tests.scenes import draw
from vpd.language_models.budget import Budget
from vpd.language_models.database import Database
from vpd.language_models.settings import Prices
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import sample_and_verify
from vpd.pipeline.sample import accepted_before
from vpd.recipe import parse_recipe
from vpd.sampling.settings import ADAPTIVE, PAPER, Round
from vpd.store import Run

QUESTIONS = 300
PRICES = Prices(input=2.0, cached_input=0.5, output=8.0)
TWO_THEN_THREE = (Round(samples=2), Round(samples=3))
ONE_THEN_FOUR = (Round(samples=1), Round(samples=4))
NAMES = {
    PAPER: "five at once (`paper`)",
    ADAPTIVE: "`adaptive`: 1, 1 repaired, 1, 2",
    TWO_THEN_THREE: "2, then 3",
    ONE_THEN_FOUR: "1, then 4",
}


class Measured(NamedTuple):
    """What a run found and spent."""

    accepted: int
    replies: int
    tokens: int
    full_price: int
    """Tokens less those of prompts that the provider had cached."""
    cost: float


def main() -> None:
    report = Report("sampling")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _questions(root)
        one = Provider()
        several = Provider(gives_n=True)
        helped = Provider(repair=0.3)
        cases = [
            ("one completion a request", one, (PAPER, ADAPTIVE)),
            ("the same, and repair rights 30 % more", helped, (PAPER, ADAPTIVE)),
            ("several completions a request", several, (PAPER, ADAPTIVE, TWO_THEN_THREE, ONE_THEN_FOUR)),
        ]
        for name, provider, schedules in cases:
            _case(report, root, name, provider, schedules)
    _sensitivity(report)
    report.write(_WHAT)


def _case(
    report: Report, root: Path, name: str, provider: Provider, schedules: Sequence[tuple[Round, ...]]
) -> None:
    with serve(provider) as url:
        measured = [measure(root, url, provider, rounds) for rounds in schedules]
    base = measured[0]

    def row(rounds: tuple[Round, ...], m: Measured) -> tuple[object, ...]:
        per, per_base = m.tokens / m.accepted, base.tokens / base.accepted
        return (
            NAMES[rounds],
            f"{m.accepted / QUESTIONS:.1%}",
            m.replies,
            f"{m.tokens:,}",
            f"{per / per_base:.0%}",
            f"{m.full_price / m.accepted / (base.full_price / base.accepted):.0%}",
            f"{m.cost / m.accepted / (base.cost / base.accepted):.0%}",
        )

    columns = ("rounds", "yield", "replies", "tokens", "tokens a solved question", "of these at full price", "cost")
    report.text(f"## {name.capitalize()}")
    report.table(columns, [row(*pair) for pair in zip(schedules, measured, strict=True)])
