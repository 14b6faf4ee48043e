"""Rationales from anywhere, held against the facts of a run's kept programs."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from vpd.distillation.check.check import Checker, Unsupported, states_answer
from vpd.distillation.facts.facts import find_facts
from vpd.errors import UserError
from vpd.inputs.jsonl import Line, lines, parse
from vpd.records import Candidate, Example, Execution, Verdict
from vpd.store import Run, together


class Row(BaseModel):
    """A line of a file of rationales."""

    model_config = ConfigDict(extra="ignore")

    example_id: str | None = None
    question: str | None = None
    """By which the example is found where there is no id."""
    index: int | None = None
    """The candidate that it explains; without one, every kept program of the question may bear it out."""
    text: str


def _prepare(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("a row must be a JSON object")
    row: dict[str, Any] = dict(value)
    row.setdefault("example_id", row.pop("id", None))
    row.setdefault("text", row.get("rationale"))
    if row["text"] is None:
        raise ValueError("a row needs the rationale, as `text` or `rationale`")
    if row["example_id"] is None and row.get("question") is None:
        raise ValueError("a row needs `example_id` or `question`")
    return row


class Checked(NamedTuple):
    """What came of one line."""

    line: int
    example_id: str | None
    text: str
    program: int | None = None
    """The candidate whose facts it was held against."""
    claims: tuple[Unsupported, ...] = ()
    problem: str | None = None
    """Why it could not be checked."""

    def as_dict(self) -> dict[str, Any]:
        claims = [claim._asdict() for claim in self.claims]
        return self._asdict() | {"claims": claims, "supported": None if self.problem else not claims}


def check_file(path: Path, run: Run) -> Iterator[Checked]:
    """Check every row of a JSONL file of `{example_id or question, text or rationale, index?}`.

    Raises:
        UserError: the file cannot be read or a line is malformed; or the run has no executed programs.
    """
    if not len(run.verdicts):
        raise UserError(
            f"{run.root} holds no verdicts, so nothing is known of its images; run `vpd verify` first"
        )
    facts = _Facts(run)
    for line in lines(path):
        yield _checked(facts, line, parse(line, path, Row, _prepare))


def _checked(facts: "_Facts", line: Line, row: Row) -> Checked:
    example_id = row.example_id or facts.ids.get(" ".join((row.question or "").split()))
    if example_id is None or example_id not in facts.shards:
        return Checked(line.number, row.example_id, row.text, problem="the run has no such question")
    programs = facts.of(example_id, row.index)
    if not programs:
        which = "kept program" if row.index is None else f"program {row.index} that gave an answer"
        return Checked(line.number, example_id, row.text, problem=f"the question has no {which}")
    held = [(index, _claims(checker, row.text)) for index, checker in programs]
    index, claims = min(held, key=lambda each: len(each[1]))
    return Checked(line.number, example_id, row.text, index, claims)


def _claims(checker: Checker, text: str) -> tuple[Unsupported, ...]:
    claims = tuple(checker.check(text))
    if claims or states_answer(text, checker.answer):
        return claims
    return (Unsupported(len(text), len(text), "", "does not end with the answer"),)


class _Facts:
    """What the programs of a run found out, a shard in memory at a time."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.shards: dict[str, int] = {}
        self.ids: dict[str, str] = {}
        """By question; one that is asked of several images names none of them."""
        ambiguous: set[str] = set()
        for shard in range(len(run.examples)):
            for example in run.examples.read(shard):
                self.shards[example.id] = shard
                question = " ".join(example.question.split())
                if self.ids.setdefault(question, example.id) != example.id:
                    ambiguous.add(question)
        for question in ambiguous:
            del self.ids[question]
        self._tables = lru_cache(maxsize=2)(self._read)

    def of(self, example_id: str, index: int | None) -> list[tuple[int, Checker]]:
        """The programs that may bear out a rationale: the kept ones, or the one that is asked for."""
        examples, candidates, executions, verdicts = self._tables(self.shards[example_id])
        kept = {verdict.index for verdict in verdicts[example_id] if verdict.kept}
        wanted = kept if index is None else {index}
        ran = {each.index: each for each in executions[example_id] if each.status == "ok"}
        return [
            (each.index, _checker(examples[example_id], each, ran[each.index]))
            for each in candidates[example_id]
            if each.index in wanted & ran.keys()
        ]

    def _read(
        self, shard: int
    ) -> tuple[
        dict[str, Example],
        defaultdict[str, list[Candidate]],
        defaultdict[str, list[Execution]],
        defaultdict[str, list[Verdict]],
    ]:
        run = self._run
        return (
            {example.id: example for example in run.examples.read(shard)},
            defaultdict(list, together([run.candidates], shard)),
            defaultdict(list, together([run.executions], shard)),
            defaultdict(list, together([run.verdicts], shard)),
        )


def _checker(example: Example, candidate: Candidate, execution: Execution) -> Checker:
    facts = find_facts(example, candidate.program, execution)
    return Checker(facts, example, candidate.program)
