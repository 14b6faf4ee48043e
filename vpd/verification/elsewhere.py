"""Which other images a program can be run on without asking a tool anything."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

_MOST = 3


class Looked(NamedTuple):
    """A question, and how its programs look at whole images."""

    question: str
    video: bool
    """Whether the images are frames."""
    images: tuple[str, ...]
    """Their digests."""
    programs: Sequence[str]
    calls: Sequence[Sequence[str]]
    """Of each program those that look at a whole image, in words: other images can be asked the same."""


class Neighbours:
    """Finds, among the questions of a shard, those whose programs made the same calls."""

    def __init__(self, questions: Sequence[Looked]) -> None:
        self._questions = questions
        self._by_call: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self._by_question: defaultdict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        for number, question in enumerate(questions):
            for call in chain.from_iterable(question.calls):
                self._by_call[call][number] = None
                self._by_question[call, question.question][number] = None

    def of(self, number: int) -> dict[str, list[int]]:
        """For each program of a question, the numbers of up to three other questions that it can be run on.

        Those where the first thing it asks about a whole image is known; the same question about another image
        comes first.
        """
        question = self._questions[number]
        found: dict[str, list[int]] = {}
        for program, calls in zip(question.programs, question.calls, strict=True):
            if calls and program not in found:
                of_the_same = self._by_question[calls[0], question.question]
                others = chain(of_the_same, (n for n in self._by_call[calls[0]] if n not in of_the_same))
                found[program] = list(islice((n for n in others if self._alike(number, n)), _MOST))
        return found

    def _alike(self, number: int, other: int) -> bool:
        """Whether two questions are about different images, but as many."""
        one, two = self._questions[number], self._questions[other]
        return one.video == two.video and len(one.images) == len(two.images) and one.images != two.images
