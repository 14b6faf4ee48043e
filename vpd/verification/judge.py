"""A second opinion on open answers, where rules leave doubt."""

from typing import Protocol


class Judge(Protocol):
    """Decides whether two wordings are the same answer. It is told nothing of the image or the program."""

    async def same(self, question: str, answer: str, reference: str) -> bool | None:
        """Whether `answer` and `reference` mean the same as answers to `question`; None if it cannot tell."""
        ...
