"""A language model's opinion on whether two wordings are one answer, where rules leave doubt."""

import hashlib
import re

from vpd.language_models.errors import RowError
from vpd.language_models.protocol import LanguageModel, Message, Request
from vpd.prompts import render

_MAX_TOKENS = 512
"""More than one word, for models that think aloud first."""


class Judge:
    """Asks a model. It is told the question and the two answers, not which of them is the label."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    async def same(self, question: str, answer: str, reference: str) -> bool | None:
        """Whether `answer` and `reference` mean the same as answers to `question`; None if it cannot tell.

        Raises:
            RunError: the model cannot be asked anything further.
        """
        try:
            [completion] = await self._model.complete(request(question, answer, reference))
        except RowError:
            return None
        return read_opinion(completion.text)


def request(question: str, answer: str, reference: str) -> Request:
    """What is asked. Which answer comes first depends on their texts alone: neither place is the label's."""
    digest = hashlib.sha256("\n".join([question, *sorted((answer, reference))]).encode()).digest()
    first, second = sorted((answer, reference), reverse=bool(digest[0] % 2))
    text = render("judge.j2", question=question, first=first, second=second)
    return Request(
        messages=(Message(role="user", content=text),),
        temperature=0,
        max_tokens=_MAX_TOKENS,
        log_probabilities=False,
    )


def read_opinion(reply: str) -> bool | None:
    """The last of the three words that a reply holds."""
    words = re.findall(r"\b(SAME|DIFFERENT|UNSURE)\b", reply)
    return {"SAME": True, "DIFFERENT": False}.get(words[-1]) if words else None
