"""Counts over a run's rows, taken one question at a time."""

from collections import Counter, defaultdict
from dataclasses import dataclass, fields

from vpd.reporting.questions import disagreeing, programs, status_name, verdict_name
from vpd.reporting.summary import QuestionRows


@dataclass(slots=True)
class Group:
    """Counts over the questions of one source and answer type."""

    questions: int = 0
    labelled: int = 0
    """Questions with a reference answer."""
    solved: int = 0
    """Questions with at least one correct program."""
    yielding: int = 0
    """Questions with at least one kept program."""
    programs: int = 0
    ran: int = 0
    """Programs that returned an answer."""
    judged: int = 0
    """Programs that a label could be held against."""
    correct: int = 0
    kept: int = 0


class Tally:
    """What the overview page counts; its size does not grow with the number of questions."""

    def __init__(self) -> None:
        self.groups: defaultdict[tuple[str, str], Group] = defaultdict(Group)
        self.statuses: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.disagreeing = 0

    def add(self, rows: QuestionRows) -> None:
        group = self.groups[rows.example.source, rows.example.answer_type]
        outcomes = [
            (
                status_name(execution),
                verdict_name(verdict),
                bool(verdict and (verdict.kept or verdict.selected)),
            )
            for _, execution, verdict in programs(rows)
        ]
        group.questions += 1
        group.labelled += bool(rows.example.answers)
        group.programs += len(outcomes)
        group.solved += any(verdict == "correct" for _, verdict, _ in outcomes)
        group.yielding += any(kept for _, _, kept in outcomes)
        for status, verdict, kept in outcomes:
            self.statuses[status] += 1
            self.verdicts[verdict] += 1
            group.ran += status == "ok"
            group.judged += verdict in ("correct", "incorrect")
            group.correct += verdict == "correct"
            group.kept += kept
        self.disagreeing += disagreeing(rows)

    def total(self) -> Group:
        """All groups together."""
        total = Group()
        for group in self.groups.values():
            for each in fields(Group):
                setattr(total, each.name, getattr(total, each.name) + getattr(group, each.name))
        return total
