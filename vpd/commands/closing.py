"""What a run came to: its yield, how good programs are, and who answers held-out questions how well and how fast."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vpd.commands.evaluate_recipe import Evaluated
from vpd.evaluation.scoring import Scores
from vpd.pipeline.asked import accepted_before
from vpd.pipeline.evaluate_scores import (
    BenchmarkScores,
    comparison_table,
    run_seconds,
    score_all,
    score_table,
)
from vpd.reporting.rows import questions
from vpd.reporting.summary import Cell, Table
from vpd.store import Run


class Closing:
    """The tables at a run's end; those of figures are the same at every run with the same seed, times are not."""

    def __init__(self, run: Run, evaluated: Evaluated) -> None:
        self._run = run
        self._programs = evaluated.programs
        self._scored = score_all(evaluated.folder)

    def figures(self) -> list[Table]:
        systems = [
            table for scored in self._scored for table in (_timeless(scored), *comparison_table(scored))
        ]
        return [self._yield(), *systems]

    def seconds(self) -> Table:
        """Per question, of each system and of the run itself."""
        rows: list[tuple[Cell, ...]] = [
            (each.card.name, _rounded(each.seconds)) for scored in self._scored for each in scored.systems
        ]
        rows.append(("programs for training, first round", _rounded(run_seconds(self._run.root))))
        return Table(
            title="Seconds a question",
            columns=("", "seconds"),
            rows=rows,
            note="Wall time of this machine, models loaded. Of programs: drawing and running all samples.",
        )

    def _yield(self) -> Table:
        first, within, samples = _right(self._programs)
        return Table(
            title="Programs",
            columns=("", "", "95 %"),
            rows=[
                *_rounds(self._run),
                ("tokens read and written per kept rationale", _tokens_per_rationale(self._run), None),
                ("held out: right at the first sample", *_shown(first)),
                (f"held out: right within {samples}", *_shown(within)),
            ],
            note="accepted: questions with a program that is right, and likely for the right reasons; later rounds ask "
            "about the others alone. first sample: the mean over all samples of a question.",
        )


def _rounds(run: Run) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    number = 1
    while len(run.round(number).candidates):
        asked = len({candidate.example_id for candidate in run.round(number).candidates.rows()})
        accepted = accepted_before(run, number + 1) - accepted_before(run, number)
        share = f"{100 * accepted / asked:.1f} %" if asked else "–"
        rows.append((f"round {number}: accepted", f"{share} ({accepted} of {asked})", None))
        number += 1
    return rows


def _tokens_per_rationale(run: Run) -> Cell:
    usage = [candidate.usage for candidate in run.candidates.rows()]
    tokens = sum(each.prompt_tokens + each.completion_tokens for each in usage)
    kept = len({row.example_id for row in run.rows.rows() if row.task == "rationale"})
    return round(tokens / kept) if kept else None


def _right(run: Run) -> tuple[list[float], list[float], int]:
    """Per labelled question the share of its samples that are right, and whether any is; the most samples of one."""
    first: list[float] = []
    within: list[float] = []
    most = 0
    for each in questions(run):
        if not each.example.answers:
            continue
        right = {verdict.index for verdict in each.verdicts if verdict.correct}
        drawn = sum(candidate.weight for candidate in each.candidates)
        found = sum(candidate.weight for candidate in each.candidates if candidate.index in right)
        first.append(found / drawn if drawn else 0.0)
        within.append(float(found > 0))
        most = max(most, drawn)
    return first, within, most


def _shown(each: Sequence[float]) -> tuple[Cell, Cell]:
    """A mean and its interval."""
    if not each:
        return None, None
    names = tuple(map(str, range(len(each))))
    found = Scores("", names, names, np.array(each)).interval()
    return f"{100 * found.estimate:.1f} %", f"{100 * found.low:.1f}–{100 * found.high:.1f}"


def _timeless(scored: BenchmarkScores) -> Table:
    """The systems' scores without what the machine's load has a part in."""
    table = score_table(scored)
    place = table.columns.index("s/answer")
    return replace(
        table,
        columns=(*table.columns[:place], *table.columns[place + 1 :]),
        rows=[(*row[:place], *row[place + 1 :]) for row in table.rows],
        note="95 %: bootstrap interval; exact where all are right, or none. no answer: questions that failed; they "
        "count as wrong. tokens: per question.",
    )


def _rounded(seconds: float | None) -> Cell:
    return None if seconds is None else f"{seconds:.2g}"
