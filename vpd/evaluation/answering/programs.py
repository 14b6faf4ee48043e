"""The teacher: what the programs of a run answered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.records import Item, Prediction
from vpd.records import Candidate, Example, Execution, Usage
from vpd.store import Run, together
from vpd.text.same import same_text


class Programs:
    """The answers of a run's programs.

    Which answer a question gets does not depend on its label: it is the one that most programs of the first round
    give (a program that was drawn twice counts twice), on a tie that of the likelier program, then of the earlier
    one. Later rounds are drawn only where the label says that no answer was right, and the program that
    `vpd verify` selects was chosen with the label: neither can be scored against it.
    """

    def __init__(self, run: Run) -> None:
        self._found = {
            example.id: _Voted(_asked(example), _vote(rows), _usage(rows))
            for example, rows in _questions(run)
        }

    def prediction(self, item: Item, benchmark: Benchmark) -> Prediction:
        found = self._found.get(item.id)
        answer, usage, problem = None, Usage(), None
        if found is None:
            problem = "the run does not have the question"
        elif found.asked != _asked(item.example):
            problem = "the run asks something else under this id"
        else:
            answer, usage = found.answer, found.usage
            if answer is None:
                problem = "none of its programs returned an answer"
            elif benchmark.lower_case:
                answer = answer.lower()
        return Prediction(
            question_id=item.id,
            asked=item.digest,
            status="ok" if answer is not None else "no_program",
            answer=answer,
            text=answer or "",
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            problem=problem,
        )


class _Voted(NamedTuple):
    """What a run has of one question."""

    asked: tuple[str, ...]
    answer: str | None
    usage: Usage


Rows = list[tuple[Candidate, Execution | None]]


def _asked(example: Example) -> tuple[str, ...]:
    """What tells a question from another of the same id."""
    return (example.question, *(image.sha256 for image in example.images))


def _questions(run: Run) -> Iterator[tuple[Example, Rows]]:
    for shard in range(len(run.examples)):
        candidates = together([run.candidates], shard)
        executions = together([run.executions], shard)
        for example in run.examples.read(shard):
            ran = {each.index: each for each in executions.get(example.id, [])}
            first = [each for each in candidates.get(example.id, []) if each.round == 1]
            yield example, [(each, ran.get(each.index)) for each in first]


def _vote(rows: Rows) -> str | None:
    """The answer of most programs; two that say the same in other words are one."""
    answers: list[tuple[str, Candidate]] = [
        (execution.answer, candidate)
        for candidate, execution in rows
        if execution is not None and execution.status == "ok" and execution.answer is not None
    ]
    answers.sort(key=lambda each: _likelihood(each[1]), reverse=True)
    votes: defaultdict[str, int] = defaultdict(int)
    for answer, candidate in answers:
        votes[_known(answer, list(votes))] += candidate.weight
    return max(votes, key=lambda answer: votes[answer], default=None)


def _likelihood(candidate: Candidate) -> float:
    return float("-inf") if candidate.log_probability is None else candidate.log_probability


def _known(answer: str, earlier: Sequence[str]) -> str:
    return next((each for each in earlier if each == answer or same_text(each, answer)), answer)


def _usage(rows: Rows) -> Usage:
    return Usage(
        prompt_tokens=sum(candidate.usage.prompt_tokens for candidate, _ in rows),
        completion_tokens=sum(candidate.usage.completion_tokens for candidate, _ in rows),
    )
