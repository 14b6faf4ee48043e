"""What was made of a run's kept programs: rationales and training rows, counted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, cast

from vpd.records import Rationale, TrainingRow
from vpd.reporting.summary import Cell, Table
from vpd.store import Run

_SHOWN = 3


def distilled(run: Run, fault: Callable[[Rationale], str | None], limit: int | None = None) -> Table:
    """Training rows by task, and rationales by who wrote them.

    Args:
        run: its rationales and rows have been made.
        fault: why a rationale is not learned from, in a word or two; None if it is.
        limit: the first so many questions took part; None for all.
    """
    questions, labelled = _questions(run)
    left = 0 if limit is None else max(0, questions - limit)
    tasks: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for row in run.rows.rows():
        tasks[row.task] += 1
        if row.task == "trajectory":
            kinds[trajectory_kind(row).replace("_", " ")] += 1
    written: Counter[str] = Counter()
    refused: defaultdict[str, list[str]] = defaultdict(list)
    for rationale in run.rationales.rows():
        reason = fault(rationale)
        if reason is None:
            written[rationale.source] += 1
        else:
            claim = f": “{rationale.unsupported[0]}”" if rationale.unsupported else ""
            refused[reason].append(rationale.example_id + claim)
    kept = written.total() + sum(map(len, refused.values()))
    by_template = ("rationales by template", written["template"], "")
    by_model = ("rationales by language model", written["language_model"], "")
    rows: list[tuple[Cell, ...]] = [
        ("questions", questions, f"{labelled:,} labelled"),
        ("kept programs", kept, "one for each question that has one"),
        *(each for each in (by_template, by_model) if each[1]),
        *((f"refused: {reason}", len(cases), _listed(cases)) for reason, cases in sorted(refused.items())),
        ("label rows", tasks["label"], ""),
        ("rationale rows", tasks["rationale"], ""),
        ("trajectory rows", tasks["trajectory"], ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())),
    ]
    note = f"{left:,} questions were left out by a limit." if left else ""
    return Table(title="Training rows", columns=("", "count", ""), rows=rows, note=note)


def _listed(cases: Sequence[str]) -> str:
    return "; ".join(cases[:_SHOWN]) + ("; …" if len(cases) > _SHOWN else "")


def trajectory_kind(row: TrainingRow) -> str:
    """`single`, `wrong_once`, …, as its provenance says."""
    return str(cast("dict[str, Any]", row.provenance).get("kind", "")) if row.provenance else ""


def _questions(run: Run) -> tuple[int, int]:
    """How many questions there are, and how many with a label."""
    every = labelled = 0
    for example in run.examples.rows():
        every += 1
        labelled += bool(example.answers)
    return every, labelled
