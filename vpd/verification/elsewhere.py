"""Which other images a program can be run on without asking a tool anything."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import cast

from vpd.records import Execution, Json, Step
from vpd.verification.gathering import Asked

_MOST = 3


class Neighbours:
    """Finds, among the questions of a shard, those whose programs made the same calls."""

    def __init__(self, questions: Sequence[Asked]) -> None:
        self._questions = questions
        self._images = [_images(each) for each in questions]
        self._by_call: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self._by_question: defaultdict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        self._first: list[list[str | None]] = []
        """The first such call of each program of each question."""
        for number, question in enumerate(questions):
            calls = [list(_whole_image_calls(execution)) for execution in question.executions]
            self._first.append([each[0] if each else None for each in calls])
            for call in chain.from_iterable(calls):
                self._by_call[call][number] = None
                self._by_question[call, question.example.question][number] = None

    def of(self, number: int) -> dict[str, list[Asked]]:
        """For each program of a question, up to three other questions that it can be run on.

        Those where the first thing it asks about a whole image is known; the same question about another image
        comes first.
        """
        question = self._questions[number]
        found: dict[str, list[Asked]] = {}
        for candidate, first in zip(question.candidates, self._first[number], strict=True):
            if first is not None and candidate.program not in found:
                of_the_same = self._by_question[first, question.example.question]
                others = (
                    other
                    for other in chain(of_the_same, (n for n in self._by_call[first] if n not in of_the_same))
                    if self._alike(number, other)
                )
                found[candidate.program] = [self._questions[other] for other in islice(others, _MOST)]
        return found

    def _alike(self, number: int, other: int) -> bool:
        """Whether two questions are about different images, but as many."""
        (video, hashes), (other_video, other_hashes) = self._images[number], self._images[other]
        return video == other_video and len(hashes) == len(other_hashes) and hashes != other_hashes


def _images(question: Asked) -> tuple[bool, tuple[str, ...]]:
    """Whether they are frames, and their digests."""
    return question.example.video, tuple(image.sha256 for image in question.example.images)


def _whole_image_calls(execution: Execution) -> Iterator[str]:
    """The calls that look at a whole image: other images can be asked the same."""
    for step in execution.steps:
        if step.kind == "call" and step.image is not None and _starts_at_corner(step):
            arguments = cast("dict[str, Json]", step.arguments)
            yield f"{step.tool} {step.image} {sorted(arguments.items())}"


def _starts_at_corner(step: Step) -> bool:
    """As only a whole image does, or hardly any other region."""
    return step.region is not None and step.region[:2] == (0, 0)
