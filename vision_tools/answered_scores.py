"""An image-text scorer made of an answerer, for `best_text_match` and `best_image_match`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vision_tools.attributes import yes_or_no
from vision_tools.errors import ToolError
from vision_tools.refined import nested
from vision_tools.roles import Answerer, AnswerQuery, TextsQuery


class AnsweredScores:
    """Scores 1 what the answerer says the region shows, and 0 everything else.

    Several texts are a choice between them, one alone is a question of yes or no.
    """

    def __init__(self, answerer: Mapping[str, Any]) -> None:
        """
        Args:
            answerer: `name` of an answerer, and its settings.
        """
        self._answerer: Answerer = nested("answerer", answerer)

    @property
    def identity(self) -> str:
        return f"answered_scores ({self._answerer.identity})"

    @property
    def batch_size(self) -> int:
        return self._answerer.batch_size

    def score(self, queries: Sequence[TextsQuery]) -> list[list[float]]:
        """
        Raises:
            ToolError: the answer is neither yes nor no, or names none of several texts.
        """
        asked = [AnswerQuery(query.region, _question(query.texts)) for query in queries]
        answers = self._answerer.answer(asked)
        return [_scores(*each) for each in zip(queries, asked, answers, strict=True)]


def _question(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return f"Does this show {texts[0]}? Answer yes or no."
    return f"Which of these does this show: {'; '.join(texts)}? Answer with one of them."


def _scores(query: TextsQuery, asked: AnswerQuery, answer: str) -> list[float]:
    if len(query.texts) == 1:
        return [float(yes_or_no(asked, answer))]
    said = _plain(answer)
    named = [text for text in query.texts if f" {_plain(text)} " in f" {said} "]
    if not named:
        raise ToolError(f"asked {asked.question!r}, the answerer said {answer!r}: none of them")
    longest = max(named, key=len)  # of "red" and "dark red", the one that was said
    return [float(text == longest) for text in query.texts]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
