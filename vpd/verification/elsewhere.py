"""Which other images a program can be run on without asking a tool anything."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from vpd.records import Execution, Step
from vpd.verification.gathering import Asked

_MOST = 3


class Neighbours:
    """Finds, among the questions of a shard, those whose programs made the same calls."""

    def __init__(self, questions: Sequence[Asked]) -> None:
        self._questions = questions
        self._by_call: defaultdict[str, dict[int, None]] = defaultdict(dict)
        for number, question in enumerate(questions):
            for execution in question.executions:
                for call in _whole_image_calls(execution):
                    self._by_call[call][number] = None

    def of(self, number: int) -> dict[str, list[Asked]]:
        """For each program of a question, up to three other questions that it can be run on.

        Those where the first thing it asks about a whole image is known; the same question about another image
        comes first.
        """
        question = self._questions[number]
        found: dict[str, list[Asked]] = {}
        for candidate, execution in zip(question.candidates, question.executions, strict=True):
            first = next(_whole_image_calls(execution), None)
            if first is not None and candidate.program not in found:
                others = [
                    self._questions[other] for other in self._by_call[first] if self._alike(number, other)
                ]
                others.sort(key=lambda other: other.example.question != question.example.question)
                found[candidate.program] = others[:_MOST]
        return found

    def _alike(self, number: int, other: int) -> bool:
        """Whether two questions are about different images, but as many."""
        a, b = self._questions[number].example, self._questions[other].example
        hashes = [[image.sha256 for image in each.images] for each in (a, b)]
        return len(hashes[0]) == len(hashes[1]) and a.video == b.video and hashes[0] != hashes[1]


def _whole_image_calls(execution: Execution) -> Iterator[str]:
    """The calls that look at a whole image: other images can be asked the same."""
    for step in execution.steps:
        if step.kind == "call" and step.image is not None and _starts_at_corner(step):
            yield json.dumps([step.tool, step.image, step.arguments], sort_keys=True)


def _starts_at_corner(step: Step) -> bool:
    """As only a whole image does, or hardly any other region."""
    return step.region is not None and step.region[:2] == (0, 0)
