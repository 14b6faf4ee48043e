"""What the evidence is worth: spurious programs among the kept ones, calibration, each kind's part, and the cost.

python -m benchmarks evidence          measures the bundled score
python -m benchmarks.evidence --fit    fits it anew first, and writes data/evidence.json
python -m benchmarks.evidence --cost   prints the cost alone
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from benchmarks.results import Report, table
from benchmarks.tabletop_programs.cost import cost
from benchmarks.tabletop_programs.fitting import (
    calibration_error,
    ranking,
    reliability,
    weights,
)
from benchmarks.tabletop_programs.real import real_tables
from benchmarks.tabletop_programs.stored import judged
from benchmarks.tabletop_programs.study import (
    Program,
    fit_model,
    predicted,
    programs,
    rows_of,
    study,
    with_evidence,
)
from vpd.resources import resource
from vpd.verification.features import FEATURES, KINDS
from vpd.verification.score import Score, ScoreModel, Weights, load_score_model

TRAIN, TEST = range(21, 27), range(21, 26)
"""Parts of 104 questions each; of some of them there are three images."""
RUNS: tuple[tuple[int, int], ...] = ((5, 10_000), (5, 100), (3, 300), (1, 10_000))
"""The score is fitted on runs of so many candidates a question and so many questions, to hold for all of them."""
PRECISIONS = (0.95, 0.97, 0.99)
YIELDS = (0.5, 0.6, 0.7, 0.8, 0.85)
PROCESSES = 2

T = TypeVar("T")
Pick = Callable[[Sequence[Program]], Program]


def main() -> None:
    if "--cost" in sys.argv:
        for columns, rows in cost():
            print(table(columns, rows))
        return
    test = judged("test", TEST, PROCESSES)
    if "--fit" in sys.argv:
        resource("data", "evidence.json").write_text(fit().model_dump_json(indent=1) + "\n", "utf-8")
        load_score_model.cache_clear()
    model = load_score_model()
    labels = {row.example.id: row.example.answers for row in test}
    labelled = study(with_evidence(test, labelled=True), labelled=True, k=5)
    unlabelled = study(with_evidence(test, labelled=False), labelled=False, k=5)
    correct = [p for p in programs(labelled, labels, model.credibility) if p.correct]
    every = list(programs(unlabelled, labels, model.credibility))
    report = Report("evidence")
    report.table(*spurious(correct, model.labelled, len(test)))
    report.table(*at_equal_yield(correct, model.labelled, len(test)))
    report.table(*yields(correct, every, model, len(test)))
    report.table(*ablation(correct, model))
    report.table(*calibration(correct, every, model))
    for each in (*cost(), *real_tables()):
        report.table(*each)
    report.write(
        f"{len(test)} held-out questions about tabletop scenes with five candidate programs each, "
        f"{sum(len(row.candidates) for row in test)} in all, 60 % of them drawn with mistakes; tools without errors, "
        "with few and with many, in equal parts. A program is right for the right reasons if it agrees with the gold "
        "answer on 95 % of 50 fresh scenes."
    )


def fit() -> ScoreModel:
    train = judged("train", TRAIN, PROCESSES)
    labels = {row.example.id: row.example.answers for row in train}
    labelled, unlabelled = (with_evidence(train, labelled=with_labels) for with_labels in (True, False))
    return fit_model(
        [study(part, True, k) for k, size in RUNS for part in in_parts(labelled, size)],
        [study(part, False, k) for k, size in RUNS for part in in_parts(unlabelled, size)],
        labels,
        f"python -m benchmarks.evidence --fit: {len(train)} questions of the tabletop training split with up to "
        "five programs each; thresholds and reliability by five-fold cross-validation over questions",
    )


def in_parts(rows: Sequence[T], size: int) -> list[Sequence[T]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def by_question(found: Sequence[Program]) -> list[list[Program]]:
    groups: defaultdict[str, list[Program]] = defaultdict(list)
    for program in found:
        groups[program.example].append(program)
    return list(groups.values())


def paper(some: Sequence[Program]) -> Program:
    """VPD's rule."""
    return max(some, key=lambda p: (p.candidate.log_probability or 0.0, -len(p.candidate.program)))


def ours(fitted: Weights) -> Pick:
    def pick(some: Sequence[Program]) -> Program:
        return max(
            some, key=lambda p: (round(fitted.probability(p.features), 2), p.candidate.log_probability or 0.0)
        )

    return pick


def spurious_share(chosen: Sequence[Program]) -> float:
    return 1 - float(np.mean([program.right for program in chosen])) if chosen else 0.0


def spurious(correct: Sequence[Program], fitted: Score, questions: int) -> tuple[list[str], list[list[str]]]:
    groups = by_question(correct)
    picked = {
        name: [pick(some) for some in groups] for name, pick in (("paper", paper), ("ours", ours(fitted)))
    }
    best = [max(some, key=lambda p: p.right) for some in groups]
    rows = [
        [
            "all programs with the label's answer",
            questions_of(groups, questions),
            percent(spurious_share(correct)),
        ],
        ["the paper's rule", questions_of(groups, questions), percent(spurious_share(picked["paper"]))],
        [
            "ours, every question kept",
            questions_of(groups, questions),
            percent(spurious_share(picked["ours"])),
        ],
        ["the best choice there is", questions_of(groups, questions), percent(spurious_share(best))],
    ]
    for precision in PRECISIONS:
        kept = [p for p in picked["ours"] if fitted.probability(p.features) >= fitted.threshold(precision)]
        rows.append(
            [
                f"ours, target precision {precision}",
                questions_of(kept, questions),
                percent(spurious_share(kept)),
            ]
        )
    return ["kept, one program a question", "yield", "spurious"], rows


def at_equal_yield(
    correct: Sequence[Program], fitted: Score, questions: int
) -> tuple[list[str], list[list[str]]]:
    """Each rule's best ranked questions, as many of each."""
    groups = by_question(correct)
    ranked = {
        "the paper's rule, by log-probability": _ranked(groups, paper, _log_probability),
        "ours": _ranked(groups, ours(fitted), _score(fitted)),
    }
    kept = [int(share * questions) for share in YIELDS]
    rows = [
        [name, *(percent(spurious_share(chosen[:n])) if n <= len(chosen) else "" for n in kept)]
        for name, chosen in ranked.items()
    ]
    return ["spurious at a yield of", *(f"{100 * share:.0f} %" for share in YIELDS)], rows


def _ranked(
    groups: Sequence[Sequence[Program]], pick: Pick, rank: Callable[[Program], float]
) -> list[Program]:
    return sorted((pick(some) for some in groups), key=rank, reverse=True)


def _log_probability(program: Program) -> float:
    return program.candidate.log_probability or 0.0


def yields(
    correct: Sequence[Program], every: Sequence[Program], model: ScoreModel, questions: int
) -> tuple[list[str], list[list[str]]]:
    rows = [
        [
            "the paper's rule, by log-probability",
            *_yields(correct, paper, _log_probability, questions),
        ],
        ["ours, labelled", *_yields(correct, ours(model.labelled), _score(model.labelled), questions)],
        ["ours, unlabelled", *_yields(every, ours(model.unlabelled), _score(model.unlabelled), questions)],
    ]
    return ["yield at most spurious", "1 %", "3 %", "5 %", "10 %"], rows


def _score(fitted: Weights) -> Callable[[Program], float]:
    return lambda program: fitted.probability(program.features)


def _yields(
    found: Sequence[Program], pick: Pick, rank: Callable[[Program], float], questions: int
) -> list[str]:
    """The largest share of the questions of which so few kept programs are spurious."""
    chosen = _ranked(by_question(found), pick, rank)
    wrong = np.cumsum([not program.right for program in chosen]) / np.arange(1, len(chosen) + 1)
    found_at = [np.flatnonzero(wrong <= most) for most in (0.01, 0.03, 0.05, 0.10)]
    return [percent((at[-1] + 1) / questions if len(at) else 0.0) for at in found_at]


def ablation(correct: Sequence[Program], model: ScoreModel) -> tuple[list[str], list[list[str]]]:
    """Fitted without each kind and with each kind alone, on one half of the questions; measured on the other."""
    groups = sorted({program.group for program in correct})
    half = set(groups[::2])
    a = [p for p in correct if p.group in half]
    b = [p for p in correct if p.group not in half]
    rows = [["everything", *_worth(a, b, FEATURES), ""]]
    for kind, names in KINDS.items():
        without = [name for name in FEATURES if name not in names]
        rows.append([kind, *_worth(a, b, without), _worth(a, b, names)[0]])
    return ["left out", "area under ROC", "spurious", "this kind alone: area"], rows


def _worth(a: Sequence[Program], b: Sequence[Program], names: Sequence[str]) -> list[str]:
    """Area under the ROC curve and spurious share with every question kept, over both halves."""
    scores: dict[int, float] = {}
    chosen: list[Program] = []
    for fit_on, measure_on in ((a, b), (b, a)):
        fitted = weights(rows_of(fit_on), names)
        scores |= {id(p): fitted.probability(p.features) for p in measure_on}
        chosen += [ours(fitted)(some) for some in by_question(measure_on)]
    both = [*a, *b]
    area = ranking(np.array([scores[id(p)] for p in both]), np.array([float(p.right) for p in both]))
    return [f"{area:.3f}", percent(spurious_share(chosen))]


def calibration(
    correct: Sequence[Program], every: Sequence[Program], model: ScoreModel
) -> tuple[list[str], list[list[str]]]:
    rows: list[list[str]] = []
    for name, found, fitted in (
        ("labelled", correct, model.labelled),
        ("unlabelled", every, model.unlabelled),
    ):
        p, right = predicted(found, fitted), rows_of(found).right
        kept = [
            [each for each in found if fitted.probability(each.features) >= fitted.threshold(precision)]
            for precision in PRECISIONS
        ]
        rows.append(
            [
                name,
                str(len(found)),
                percent(1 - float(right.mean())),
                f"{ranking(p, right):.3f}",
                f"{calibration_error(reliability(p, right)):.3f}",
                *(
                    f"{percent(1 - spurious_share(some))} of {percent(len(some) / len(found))}"
                    if some
                    else "-"
                    for some in kept
                ),
            ]
        )
    columns = ["", "programs", "spurious", "area under ROC", "calibration error"]
    return [*columns, *(f"precision at {precision}" for precision in PRECISIONS)], rows


def questions_of(some: Sequence[object], questions: int) -> str:
    return percent(len(some) / questions)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()
