"""Predictions → what a report of an evaluation shows: tables, a plot and example answers of each benchmark."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from vpd.errors import UserError
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.comparison import compare
from vpd.evaluation.folder import BenchmarkFolder, EvaluationFolder, SystemCard
from vpd.evaluation.intervals import Interval
from vpd.evaluation.prompts import shown_options
from vpd.evaluation.records import Item, Prediction
from vpd.evaluation.scoring import RIGHT_FROM, Answered, Scores, score
from vpd.log import Log
from vpd.pipeline.evaluate import seconds_per_answer
from vpd.reporting.evaluation import BenchmarkSection, ExampleAnswer, ExampleQuestion
from vpd.reporting.interval_plot import Mark, PlotRow
from vpd.reporting.summary import Cell, Table
from vpd.store import Run

_EXAMPLES = 24
_LONGEST_TEXT = 3_000


@dataclass(frozen=True)
class SystemScores:
    """One system on one benchmark."""

    card: SystemCard
    scores: Scores
    predictions: dict[str, Prediction]
    seconds: float | None


@dataclass(frozen=True)
class BenchmarkScores:
    """All systems on one benchmark."""

    folder: BenchmarkFolder
    definition: Benchmark
    items: dict[str, Item]
    systems: list[SystemScores]


def score_all(root: EvaluationFolder) -> list[BenchmarkScores]:
    """Score every system on every benchmark of an evaluation that has references and was answered.

    Raises:
        UserError: a benchmark's references do not suit its metric.
    """
    return [scored for folder in root.benchmarks() if (scored := score_benchmark(root, folder)).systems]


def score_benchmark(root: EvaluationFolder, folder: BenchmarkFolder) -> BenchmarkScores:
    """Score every system that answered questions with references.

    Raises:
        UserError: the references do not suit the metric.
    """
    definition = folder.definition
    items = {item.id: item for item in folder.questions.rows()}
    found: list[SystemScores] = []
    for card in folder.systems():
        predictions = folder.answered(card.name)
        answered = [
            Answered(item, predictions[identity])
            for identity, item in items.items()
            if identity in predictions and item.is_labelled
        ]
        if not answered:
            continue
        try:
            scores = score(definition.metric, answered)
        except ValueError as error:
            raise UserError(f"{folder.name} cannot be scored by {definition.metric}: {error}") from error
        seconds = (
            run_seconds(Path(card.model))
            if card.way == "programs"
            else seconds_per_answer(root, folder.name, card.name)
        )
        found.append(SystemScores(card, scores, predictions, seconds))
    return BenchmarkScores(folder, definition, items, found)


def section(scored: BenchmarkScores) -> BenchmarkSection:
    """What the report shows of a benchmark."""
    tables = [score_table(scored), *_category_table(scored), *comparison_table(scored)]
    return BenchmarkSection(
        title=scored.definition.title,
        note=" · ".join(filter(None, (scored.definition.citation, scored.definition.licence))),
        tables=tables,
        plot_title=f"{scored.systems[0].scores.headline} with 95 % intervals",
        plot=_plot(scored),
        examples=_examples(scored),
        images=scored.folder.images,
    )


def score_table(scored: BenchmarkScores) -> Table:
    """One line for each system."""
    headline = scored.systems[0].scores.headline
    more = list(scored.systems[0].scores.figures or {})
    return Table(
        title=f"{scored.definition.title}: {headline}",
        columns=("system", headline, "95 %", *more, "questions", "no answer", "s/answer", "tokens in", "out"),
        rows=[_score_row(each, more) for each in scored.systems],
        note="95 %: bootstrap interval; exact where all are right, or none. no answer: questions that failed; they "
        "count as wrong. s/answer, tokens: per question; of programs, those of drawing and running the first round."
        f"{_whole_questions(scored)}",
    )


def _whole_questions(scored: BenchmarkScores) -> str:
    if scored.definition.metric != "circular":
        return ""
    told = ", ".join(f"{each.card.name}: {len(each.scores.ids)}" for each in scored.systems)
    return f" circular accuracy: of the questions that were asked under every rotation ({told})."


def comparison_table(scored: BenchmarkScores) -> list[Table]:
    """One line for each pair of systems that were asked the same questions; no table for a single system."""
    rows: list[tuple[Cell, ...]] = []
    for first, second in combinations(scored.systems, 2):
        found = compare(first.scores, second.scores)
        if found is None:
            continue
        low, high = found.difference.low, found.difference.high
        rows.append(
            (
                f"{first.card.name} − {second.card.name}",
                _points(found.difference.estimate),
                None if math.isnan(low) else f"{_points(low)} to {_points(high)}",
                None if math.isnan(low) else "yes" if low > 0 or high < 0 else "no",
                found.test.only_first,
                found.test.only_second,
                _p_value(found.test.mid),
                found.questions,
            )
        )
    if not rows:
        return []
    return [
        Table(
            title=f"{scored.definition.title}: differences on the same questions",
            columns=(
                "pair",
                "points",
                "95 %",
                "clear of 0",
                "only 1st",
                "only 2nd",
                "McNemar p",
                "questions",
            ),
            rows=rows,
            note="points: of the headline score, with its paired bootstrap interval. only 1st, only 2nd: questions "
            "that one of the two alone answered right. McNemar p: mid-p-value, two-sided.",
        )
    ]


def _score_row(each: SystemScores, more: Sequence[str]) -> tuple[Cell, ...]:
    interval, predictions = each.scores.interval(), list(each.predictions.values())
    figures = each.scores.figures or {}
    return (
        each.card.name,
        _percent(interval.estimate),
        _range(interval),
        *(_percent(figures[name]) if name in figures else None for name in more),
        len(predictions),
        sum(one.status != "ok" for one in predictions),
        None if each.seconds is None else f"{each.seconds:.2g}",
        round(sum(one.prompt_tokens for one in predictions) / len(predictions)),
        round(sum(one.completion_tokens for one in predictions) / len(predictions)),
    )


def _category_table(scored: BenchmarkScores) -> list[Table]:
    by_system = [each.scores.by_category() for each in scored.systems]
    names = sorted({name for found in by_system for name in found})
    if not names:
        return []
    counts = {name: scored.systems[0].scores.categories.count(name) for name in names}
    return [
        Table(
            title=f"{scored.definition.title}: by category",
            columns=("category", "questions", *(each.card.name for each in scored.systems)),
            rows=[
                (name or "–", counts[name], *(_with_range(found.get(name)) for found in by_system))
                for name in names
            ],
            note="With 95 % bootstrap intervals.",
        )
    ]


def _plot(scored: BenchmarkScores) -> list[PlotRow]:
    by_system = {each.card.name: each.scores.by_category() for each in scored.systems}
    names = sorted({name for found in by_system.values() for name in found})

    def marks(name: str | None) -> list[Mark]:
        return [
            Mark(each.card.name, *interval)
            for each in scored.systems
            if (interval := each.scores.interval() if name is None else by_system[each.card.name].get(name))
            and not math.isnan(interval.estimate)
        ]

    return [PlotRow("all", marks(None)), *(PlotRow(name or "–", marks(name)) for name in names)]


def _examples(scored: BenchmarkScores) -> list[ExampleQuestion]:
    """Questions that tell systems apart first, then others; drawn by a hash, so that nobody chose them."""
    each = [one.scores.by_answer for one in scored.systems]

    def rank(identity: str) -> tuple[bool, str]:
        right = {scores[identity] >= RIGHT_FROM for scores in each if identity in scores}
        return len(right) < 2, hashlib.sha256(identity.encode()).hexdigest()

    known = [identity for identity in scored.items if any(identity in scores for scores in each)]
    chosen = sorted(known, key=rank)[:_EXAMPLES]
    return [_example(scored, scored.items[identity], each) for identity in chosen]


def _example(scored: BenchmarkScores, item: Item, each: Sequence[Mapping[str, float]]) -> ExampleQuestion:
    return ExampleQuestion(
        id=item.id,
        question=item.example.question,
        choices=shown_options(item, scored.definition),
        references=tuple(dict.fromkeys(item.example.answers)),
        category=item.category,
        images=item.example.images,
        answers=[
            ExampleAnswer(
                system=one.card.name,
                answer=prediction.answer,
                right=scores[item.id] >= RIGHT_FROM,
                text=prediction.text[:_LONGEST_TEXT],
                problem=prediction.problem,
            )
            for one, scores in zip(scored.systems, each, strict=True)
            if (prediction := one.predictions.get(item.id)) and item.id in scores
        ],
    )


def run_seconds(root: Path) -> float | None:
    """What drawing and running the programs of the first round took a question, by the run's log; None where that
    is not known."""
    run = Run(root)
    questions = sum(run.examples.count(shard) for shard in range(len(run.examples)))
    current = "round 1"  # programs of one's own are run, but not drawn
    begun: dict[str, datetime] = {}
    seconds = 0.0
    for entry in Log(run.log).read("stage started", "stage finished"):
        name, at = str(entry["stage"]), datetime.fromisoformat(entry["time"])
        if name.startswith("round "):
            current = name
        if current != "round 1" or name not in (current, "executions"):
            continue
        if entry["event"] == "stage started":
            begun[name] = at
        elif name in begun:  # a stage that was interrupted has no end
            seconds += (at - begun.pop(name)).total_seconds()
    return seconds / questions if questions and seconds else None


def _percent(value: float) -> str:
    return "not defined" if math.isnan(value) else f"{100 * value:.1f} %"


def _points(value: float) -> str:
    if math.isnan(value):
        return "not defined"
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def _range(interval: Interval) -> str | None:
    if math.isnan(interval.estimate):
        return None
    return f"{100 * interval.low:.1f}–{100 * interval.high:.1f}"


def _with_range(interval: Interval | None) -> str | None:
    if interval is None or math.isnan(interval.estimate):
        return None if interval is None else _percent(interval.estimate)
    return f"{_percent(interval.estimate)} ({_range(interval)})"


def _p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
