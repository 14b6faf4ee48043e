"""The study's results as tables, sentences and a plot. What noise can explain is said to be so."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import Report
from benchmarks.student_study.plan import Plan
from benchmarks.student_study.scores import clear_of_zero, over_seeds
from benchmarks.student_study.study import EXPLAINING, Results, System
from vpd.evaluation.intervals import Interval, paired_difference

Row = Sequence[object]

_SHOWN: tuple[System, ...] = ("twin", "student", EXPLAINING)


def write(plan: Plan, results: Results) -> None:
    report = Report("student", plan.out, plan.command)
    report.table(("system", "labels", "accuracy", "95 %"), list(_systems(results)))
    report.text(*_findings(results), _speed(plan, results))
    report.table(
        ("student − twin", "points", "95 %", "of these questions and seeds alone", "by seed"),
        list(_differences(results)),
    )
    report.figure("Share of right answers, 95 % intervals", lambda axes: _plot(axes, results))
    report.table(
        ("labels", "model", *(f"rate {rate:g}" for rate in plan.rates), "chosen"), list(_rates(results))
    )
    edges = [
        f"{labels:,} labels, {system}" for (system, labels), chosen in results.rates.items() if chosen.at_edge
    ]
    if edges:
        report.text(f"At an end of the grid, so that a better rate may lie beyond: {'; '.join(edges)}.")
    largest = max(plan.labels)
    report.table(
        (
            *("family", "questions", "base", "programs", "twin", "student", "by a rationale"),
            *("student − twin (95 %)", "by a rationale − twin (95 %)"),
        ),
        list(_families(results, largest)),
    )
    report.text(
        f"By family, with {largest:,} labels. Of so many intervals, one in twenty misses the truth: no family by "
        "itself is evidence."
    )
    report.write(_what(plan, results))


def _what(plan: Plan, results: Results) -> str:
    settings = plan.finetune
    length = f"{settings.steps} steps" if settings.steps else f"{settings.epochs:g} epochs"
    weights = f"{settings.weights.label:g} and {settings.weights.rationale:g}"
    shares = ", ".join(
        f"{100 * count / labels:.0f} % of {labels:,}" for labels, count in results.rationales.items()
    )
    spread = (
        f"Intervals of trained models are over questions and over {plan.seeds} seeds, which change the order of the "
        "examples; which labels there are stays the same. Intervals of the others are over questions."
        if plan.seeds > 1
        else "Intervals are over questions; another seed may say otherwise."
    )
    return (
        f"A base model is fine-tuned on questions about drawn scenes: the *student* on labels and on rationales that "
        f"verified programs gave ({shares} questions have one), its *twin* on the labels alone, with the same "
        f"questions, steps, seeds and grid of learning rates. Both then answer {plan.test:,} test questions, about "
        f"compositions and in wordings that training never showed, directly: no tools, no reasoning in words. "
        f"The student also answers *by a rationale* from which the answer is read. *base* is the model as "
        f"it was; *programs* are the teacher: the answer that most of {plan.programs} drawn programs "
        f"give, chosen without the label.\n\n"
        f"Each training: {length}, {settings.batch_size} examples a step, {settings.method}, terms weighted "
        f"{weights}. Learning rates were chosen on {plan.validation:,} validation questions with one seed, for "
        f"each way of answering by itself; nothing was chosen on the test. {spread}"
    )


def _systems(results: Results) -> Iterator[Row]:
    alone = {
        "base": results.base,
        "base, by a rationale": results.base_explained,
        "programs": results.programs,
    }
    for name, scores in alone.items():
        yield name, "–", *_accuracy(scores.interval())
    for labels in results.rationales:
        for system in _SHOWN:
            yield system, f"{labels:,}", *_accuracy(over_seeds(results.models[system, labels]))


def _findings(results: Results) -> Iterator[str]:
    for labels in results.rationales:
        student, twin = results.models["student", labels], results.models["twin", labels]
        difference = over_seeds(student - twin)
        yield f"With {labels:,} labels the student is {compared('its twin', difference, student - twin)}"
        explained = results.models[EXPLAINING, labels]
        gain = over_seeds(explained - twin)
        yield f"Answering by a rationale, the student is {compared('the twin', gain, explained - twin)}"
        base = over_seeds(student - results.base.each)
        yield f"Answering directly, it is {compared('the base', base, student - results.base.each)}"


def compared(other: str, difference: Interval, each: NDArray[np.float64]) -> str:
    """A claim only where the interval is clear of zero and no seed says otherwise."""
    points = f"{100 * abs(difference.estimate):.1f} points"
    known = f"(95 %: {_range(difference)})"
    by_seed = np.sign(each.mean(axis=1))
    if clear_of_zero(difference) and (by_seed == np.sign(difference.estimate)).all():
        return f"{points} {'better' if difference.estimate > 0 else 'worse'} than {other} {known}."
    where = "above" if difference.estimate > 0 else "below"
    return f"{points} {where} {other} {known}: chance may be all that this is."


def _speed(plan: Plan, results: Results) -> str:
    model, programs, drawn = results.model_seconds, results.program_seconds, plan.programs
    if not model or not programs or not results.base_seconds:
        return "How long answers took is not known."
    explained = f", {_time(results.explained_seconds)} by a rationale" if results.explained_seconds else ""
    many = "programs" if drawn > 1 else "program"
    dtype = "" if plan.finetune.dtype == "auto" else f" in {plan.finetune.dtype}"
    told = (
        f"A fine-tuned model takes {_time(model)} an answer ({plan.answers} at once{dtype}){explained}; "
        f"drawing and running {drawn} {many} takes {_time(programs)}, {programs / model:.3g} times as long. "
        f"(The base, asked right after the programs, takes {_time(results.base_seconds)}.)"
    )
    if drawn > 1:
        told += (
            f" A single program takes 1/{drawn} of that at the least, {programs / drawn / model:.3g} times as long "
            "as the model."
        )
    return f"{told} All in batches on the same cores; loading the tools is counted, loading the model is not."


def _differences(results: Results) -> Iterator[Row]:
    for labels in results.rationales:
        twin = results.models["twin", labels]
        for way, system in (("", "student"), (", by a rationale", EXPLAINING)):
            each = results.models[system, labels] - twin
            found = over_seeds(each)
            fixed = paired_difference(each.mean(axis=0), np.zeros(each.shape[1]), np.random.default_rng(0))
            by_seed = ", ".join(_points(value) for value in each.mean(axis=1))
            yield f"{labels:,} labels{way}", _points(found.estimate), _range(found), _range(fixed), by_seed


def _rates(results: Results) -> Iterator[Row]:
    for (system, labels), found in results.grid.items():
        shares = (_percent(found[rate]) for rate in sorted(found))
        yield f"{labels:,}", system, *shares, f"{results.rates[system, labels].rate:g}"


def _families(results: Results, labels: int) -> Iterator[Row]:
    categories = np.array(results.base.categories)
    models = [results.models[system, labels] for system in _SHOWN]
    twin, *students = models
    for family in sorted(set(results.base.categories)):
        rows = np.flatnonzero(categories == family)
        differences = [over_seeds(each[:, rows] - twin[:, rows], resamples=2000) for each in students]
        yield (
            family,
            len(rows),
            *(_percent(float(scores.each[rows].mean())) for scores in (results.base, results.programs)),
            *(_percent(float(scores[:, rows].mean())) for scores in models),
            *(f"{_points(each.estimate)} ({_range(each)})" for each in differences),
        )


def _plot(axes: Any, results: Results) -> None:
    sizes = list(results.rationales)
    places = np.arange(len(sizes))
    for scores, name, color in ((results.programs, "programs", "#777777"), (results.base, "base", "#bb8844")):
        found = scores.interval()
        axes.axhspan(100 * found.low, 100 * found.high, color=color, alpha=0.2, linewidth=0)
        axes.axhline(100 * found.estimate, color=color, label=name)
    for system, color, shift in zip(
        _SHOWN, ("#3b6ea8", "#a83b4e", "#cf8a2d"), (-0.08, 0.0, 0.08), strict=True
    ):
        found = [over_seeds(results.models[system, labels]) for labels in sizes]
        middle = np.array([100 * each.estimate for each in found])
        reach = np.abs([[100 * each.low for each in found], [100 * each.high for each in found]] - middle)
        axes.errorbar(places + shift, middle, reach, fmt="o", capsize=4, color=color, label=system)
    axes.set_xticks(places, [f"{labels:,} labels" for labels in sizes])
    axes.set_xlim(-0.5, len(sizes) - 0.5)
    axes.set_ylabel("% right")
    axes.legend(frameon=False)


def _accuracy(interval: Interval) -> tuple[str, str]:
    return _percent(interval.estimate), f"{100 * max(0, interval.low):.1f}–{100 * min(1, interval.high):.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def _points(difference: float) -> str:
    text = f"{100 * difference:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def _range(interval: Interval) -> str:
    return f"{_points(interval.low)} to {_points(interval.high)}"
