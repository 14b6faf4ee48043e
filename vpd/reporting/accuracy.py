"""How often programs are right, per source, beside always giving the most common answer."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from vpd.reporting.summary import QuestionRows, Table


@dataclass(slots=True)
class _Source:
    questions: int = 0
    labelled: int = 0
    programs: int = 0
    judged: int = 0
    ran: int = 0
    correct: int = 0
    solved: int = 0
    kept: int = 0
    judged_ran: int = 0
    labels: Counter[str] = field(default_factory=Counter[str])

    def add(self, rows: QuestionRows) -> None:
        self.questions += 1
        self.programs += len(rows.candidates)
        self.kept += any(verdict.kept for verdict in rows.verdicts)
        self.ran += sum(execution.status == "ok" for execution in rows.executions)
        if rows.example.answers:
            self.labelled += 1
            self.judged += len(rows.verdicts)
            self.judged_ran += sum(verdict.status == "ok" for verdict in rows.verdicts)
            correct = sum(verdict.correct is True for verdict in rows.verdicts)
            self.correct += correct
            self.solved += correct > 0
            self.labels[Counter(a.strip().casefold() for a in rows.example.answers).most_common(1)[0][0]] += 1


def accuracy(rows: Iterable[QuestionRows], tools: str) -> Table:
    """One line per source, and one for all of them.

    A program that failed counts as wrong, never as an answer. The baseline answers every question of a source
    with that source's most common label.
    """
    sources: defaultdict[str, _Source] = defaultdict(_Source)
    total = _Source()
    for each in rows:
        sources[each.example.source or "(no source)"].add(each)
        total.add(each)
    lines = [*sorted(sources.items())]
    if len(lines) > 1:
        lines.append(("all", total))
    return Table(
        title=f"Accuracy with {tools}",
        columns=(
            "source",
            "questions",
            "programs",
            "ran",
            "right",
            "right/ran",
            "solved",
            "kept",
            "majority",
        ),
        rows=[
            (
                name,
                each.questions,
                each.programs,
                _share(each.ran, each.programs),
                _share(each.correct, each.judged),
                _share(each.correct, each.judged_ran),
                _share(each.solved, each.labelled),
                _share(each.kept, each.questions),
                _baseline(each, sources, name),
            )
            for name, each in lines
        ],
        note="ran, right: shares of the programs; right/ran: of those that ran. solved: share of the labelled "
        "questions with at least one right program. kept: share of the questions of which a program is kept. "
        "majority: the accuracy of always giving a source's most common label.",
    )


def _baseline(source: _Source, sources: dict[str, _Source], name: str) -> str:
    groups = sources.values() if name == "all" else [source]
    return _share(sum(max(s.labels.values(), default=0) for s in groups), source.labelled)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
