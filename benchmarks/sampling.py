"""Tokens and cost for a given yield: rounds that stop at an accepted program against five programs for each.

python -m benchmarks sampling
"""

import contextlib
import io
import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.results import Report
from benchmarks.simulated.provider import Provider, serve
from tests.scenes import draw
from vpd.language_models.budget import Budget
from vpd.language_models.database import Database
from vpd.language_models.settings import Prices
from vpd.language_models.tokens import text_tokens
from vpd.pipeline.asked import accepted_before
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import sample, sample_and_verify
from vpd.recipe import Recipe, parse_recipe
from vpd.sampling.examples import choose_examples
from vpd.sampling.prompt import instructions
from vpd.sampling.settings import ADAPTIVE, ADAPTIVE_SHARED, PAPER, Round
from vpd.store import Run

QUESTIONS = 200
SLOTS, LATENCY, SECONDS = 200, 1.0, 25
PRICES = Prices(input=2.0, cached_input=0.5, output=8.0)

Schedule = tuple[Round, ...]
SCHEDULES: dict[str, Schedule] = {
    "`paper`: 5 at once": PAPER,
    "1, 1 repaired, 1, 2": ADAPTIVE,
    "2, then 3 repaired": ADAPTIVE_SHARED,
}
ENDPOINTS = {
    "one completion a request": Provider(),
    "the same; showing a failure rights 30 % more": Provider(repair=0.3),
    "several completions a request": Provider(gives_n=True),
}


class Spread(NamedTuple):
    """How likely a sample is right, over the questions: Beta(alpha, beta)."""

    name: str
    alpha: float
    beta: float

    def failed(self, samples: int) -> float:
        """The probability that so many samples of a question are all wrong."""
        whole = self.alpha + self.beta
        return math.prod((self.beta + i) / (whole + i) for i in range(samples))


SPREADS = (
    Spread("all 200 measured questions", 0.48, 0.52),
    Spread("easy, alike (as NLVR)", 3.6, 1.4),
    Spread("hard, alike (as VSR)", 1.4, 4.6),
    Spread("the paper's yield", 0.32, 0.68),
)


def main() -> None:
    report = Report("sampling")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _draw(root, QUESTIONS)
        report.table(
            ("endpoint", "rounds", "yield", "replies", "tokens", *_SHARES),
            [row for name, provider in ENDPOINTS.items() for row in _rows(root, name, provider)],
        )
    report.table(
        ("right by Beta(α, β)", "yield of 1", "of 5", "one a request", "several", "several, at full price"),
        [_expected(spread) for spread in SPREADS],
    )
    report.table(("endpoint", "it can take", "`vpd sample` sustained", "share"), [_sustained()])
    report.write(_WHAT)


_SHARES = ("tokens a solved question", "those at full price", "cost")
_WHAT = f"""{QUESTIONS} counting questions about drawn scenes; a simulated provider writes programs with the real
prompt before it, and the real sandbox, tools and judge decide which are accepted. Shares are of what `paper`
takes with the same endpoint, for each question solved. At full price: without the tokens of prompts that the
provider had in its cache. Cost: {PRICES.input:g} per million tokens in ({PRICES.cached_input:g} cached),
{PRICES.output:g} out.

What is simulated: a sample for a question is right with a probability that differs by question, distributed as
Beta(0.48, 0.52). That is the fit to 200 questions on real images with five programs each that a real language
model wrote (48 % of samples right, 73.5 % of questions solved by five). Of the others, 42 % do not run. A repaired
sample is no likelier to be right than a fresh one, except in the second endpoint. The j-th sample of a question is
right or wrong whatever the schedule, so equal numbers of samples give equal yields. Replies have 120 tokens on
average. Prompts are counted by rule of thumb.

`adaptive` is the second schedule where an endpoint gives one completion a request, and the third where it gives
several. The second table is computed for other distributions: the tokens of `adaptive` as a share of those of
`paper`, which finds the same programs. Where each completion takes a request of its own, rounds save the samples
that come after an accepted one. Where a request may hold several completions, they save completions but send the
prompt again; how much that matters depends on what a cached prompt costs.

The third table: replies a second through the whole stage between the first and the last tenth, with {SLOTS}
requests at once of {LATENCY:g} s each."""


class Measured(NamedTuple):
    """What a run found and spent."""

    accepted: int
    replies: int
    tokens: int
    full_price: int
    cost: float


def _rows(root: Path, endpoint: str, provider: Provider) -> Iterator[Sequence[object]]:
    with serve(provider) as url:
        measured = {name: _measure(root, url, provider, rounds) for name, rounds in SCHEDULES.items()}
    base = next(iter(measured.values()))
    for name, m in measured.items():
        tokens, full_price, cost = (
            f"{(part / m.accepted) / (whole / base.accepted):.0%}"
            for part, whole in zip(m[2:], base[2:], strict=True)
        )
        share = f"{m.accepted / QUESTIONS:.1%}"
        yield endpoint, name, share, f"{m.replies:,}", f"{m.tokens:,}", tokens, full_price, cost


def _measure(root: Path, url: str, provider: Provider, rounds: Schedule) -> Measured:
    with tempfile.TemporaryDirectory(dir=root) as folder:
        run, responses = Run(Path(folder) / "run"), Path(folder) / "responses.sqlite"
        recipe = _recipe(root, url, provider, rounds)
        with run.lock(), contextlib.redirect_stderr(io.StringIO()):
            read_inputs(recipe, run)
            sample_and_verify(recipe, run, responses, root / "tools.sqlite")
        database = Database(responses)
        spent = Budget(database, run.id).spent()
        database.close()
        last = next(n for n in range(len(rounds), 0, -1) if len(run.round(n).verdicts))
        full_price = spent.tokens - spent.cached_prompt_tokens
        return Measured(accepted_before(run, last + 1), spent.replies, spent.tokens, full_price, spent.cost)


def _expected(spread: Spread) -> Sequence[object]:
    prompt = text_tokens(str(instructions(choose_examples(None)).content))
    question, reply = 60, 120

    def tokens(rounds: Schedule, prompt: int, gives_n: bool) -> float:
        total, drawn = 0.0, 0
        for plan in rounds:
            requests = 1 if gives_n else plan.samples
            total += spread.failed(drawn) * (requests * (prompt + question) + plan.samples * reply)
            drawn += plan.samples
        return total

    def share(prompt: int, gives_n: bool) -> str:
        adaptive = ADAPTIVE_SHARED if gives_n else ADAPTIVE
        return f"{tokens(adaptive, prompt, gives_n) / tokens(PAPER, prompt, gives_n):.0%}"

    return (
        f"{spread.name}: ({spread.alpha:g}, {spread.beta:g})",
        f"{1 - spread.failed(1):.0%}",
        f"{1 - spread.failed(5):.0%}",
        share(prompt, False),
        share(prompt, True),
        share(prompt % 128, True),
    )


def _sustained() -> Sequence[object]:
    """Requests per second through the whole stage."""
    capacity = SLOTS / LATENCY
    provider = Provider(latency=LATENCY, slots=SLOTS)
    with tempfile.TemporaryDirectory() as folder, serve(provider) as url:
        root = Path(folder)
        _draw(root, round(capacity * SECONDS))
        run, recipe = Run(root / "run"), _recipe(root, url, provider, (Round(samples=1),))
        with run.lock(), contextlib.redirect_stderr(io.StringIO()):
            read_inputs(recipe, run)
            sample(recipe, run, 1, root / "responses.sqlite")
        database = Database(root / "responses.sqlite")
        times = [time for (time,) in database.query("SELECT created FROM completions ORDER BY created")]
        database.close()
    tenth = len(times) // 10
    rate = (len(times) - 2 * tenth) / (times[-tenth - 1] - times[tenth])
    return (
        f"{SLOTS} at once, {LATENCY:g} s each",
        f"{capacity:.0f}/s",
        f"{rate:.0f}/s",
        f"{rate / capacity:.0%}",
    )


def _draw(root: Path, questions: int) -> None:
    """Scenes, with a question about each in words of its own."""
    draw(root / "data", questions)
    path = root / "data" / "questions.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for number, row in enumerate(rows):
        row["question"] = row["question"].replace("?", f" in scene {number}?")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _recipe(root: Path, url: str, provider: Provider, rounds: Schedule) -> Recipe:
    model: dict[str, Any] = {"provider": "openai", "model": "simulated", "base_url": url, "api_key_env": None}
    if not provider.gives_n:
        model["samples_per_request"] = 1
    values = {
        "data": {name: f"data/{name}.jsonl" for name in ("questions", "annotations")}
        | {"images": "data/images"},
        "tools": {"detector": {"name": "annotations"}},
        "sampling": {
            "model": {**model, "max_concurrency": SLOTS, "prices": PRICES.model_dump()},
            "rounds": [plan.model_dump() for plan in rounds],
        },
        "execution": {"concurrency": 8},
        "verification": {"preset": "paper"},
    }
    return parse_recipe(values, "the benchmark's recipe", root)


if __name__ == "__main__":
    main()
