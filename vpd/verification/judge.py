"""A language model's opinion on whether two wordings are one answer, where rules leave doubt."""

import hashlib
import re

from vpd.language_models.errors import RowError, TransientError
from vpd.language_models.protocol import Completion, LanguageModel, Message, Request
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
            TransientError: the endpoint failed in every attempt; another time it may not.
            RunError: the model cannot be asked anything further.
        """
        try:
            [completion] = await self._model.complete(request(question, answer, reference))
        except RowError as error:
            if isinstance(error, TransientError):
                raise
            return None
        return _opinion(completion)


def request(question: str, answer: str, reference: str) -> Request:
    """What is asked. Which answer comes first depends on their texts alone: neither place is the label's."""
    digest = hashlib.sha256("\n".join([question, *sorted((answer, reference))]).encode()).digest()
    first, second = sorted((answer, reference), reverse=bool(digest[0] % 2))
    text = render("judge.j2", question=_quotable(question), first=_quotable(first), second=_quotable(second))
    return Request(
        messages=(Message(role="user", content=text),),
        temperature=0,
        max_tokens=_MAX_TOKENS,
        log_probabilities=False,
    )


def _quotable(text: str) -> str:
    """On one line and without quotation marks: what was read in an image must not pass for an instruction."""
    return " ".join(text.replace('"', "'").split())


def _opinion(completion: Completion) -> bool | None:
    """None where the model declined, or was cut off while it thought."""
    return read_opinion(completion.text) if completion.finish_reason == "stop" else None


def read_opinion(reply: str) -> bool | None:
    """The word that the first or the last line of a reply consists of; None where they differ."""
    lines = [line for line in reply.rpartition("</think>")[2].splitlines() if line.strip()]
    words = {_bare(line) for line in (lines[:1] + lines[-1:])} & {"SAME", "DIFFERENT", "UNSURE"}
    return {"SAME": True, "DIFFERENT": False}.get(words.pop()) if len(words) == 1 else None


def _bare(line: str) -> str:
    return re.sub(r"\W", "", line.rpartition(":")[2])
