"""Attribute checks made of other tools: of an image-text scorer, or of an answerer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vision_tools.errors import ToolError
from vision_tools.phrases import adjective
from vision_tools.refined import nested
from vision_tools.roles import Answerer, AnswerQuery, AttributeQuery, ImageTextScorer, TextsQuery
from vision_tools.words import SORT_OF_ADJECTIVE


class ScoredAttributes:
    """An attribute holds when its description fits the region better than the alternatives do.

    A colour, size or material is compared with the others of its sort (`a red cube` with `a blue cube` and so
    on), anything else with the bare name (`a cube`).
    """

    def __init__(self, scorer: Mapping[str, Any], *, threshold: float = 0.0) -> None:
        """
        Args:
            scorer: `name` of an image-text scorer, and its settings.
            threshold: by how much the description's score must exceed the best alternative's. Scores differ
                between models: `calibrated_threshold` finds the value for one from a few labelled regions.
        """
        self._scorer: ImageTextScorer = nested("scorer", scorer)
        self._threshold = threshold

    @property
    def identity(self) -> str:
        return f"scored_attributes ({self._scorer.identity}) threshold={self._threshold}"

    @property
    def batch_size(self) -> int:
        return self._scorer.batch_size

    def verify(self, queries: Sequence[AttributeQuery]) -> list[bool]:
        return [margin > self._threshold for margin in self.margins(queries)]

    def margins(self, queries: Sequence[AttributeQuery]) -> list[float]:
        """By how much each description scores above its best alternative."""
        scores = self._scorer.score([TextsQuery(q.region, _descriptions(q)) for q in queries])
        return [its[0] - max(its[1:]) for its in scores]


class AnsweredAttributes:
    """An attribute holds when the answerer says so."""

    def __init__(self, answerer: Mapping[str, Any]) -> None:
        """
        Args:
            answerer: `name` of an answerer, and its settings.
        """
        self._answerer: Answerer = nested("answerer", answerer)

    @property
    def identity(self) -> str:
        return f"answered_attributes ({self._answerer.identity})"

    @property
    def batch_size(self) -> int:
        return self._answerer.batch_size

    def verify(self, queries: Sequence[AttributeQuery]) -> list[bool]:
        """
        Raises:
            ToolError: the answer is neither yes nor no.
        """
        asked = [AnswerQuery(q.region, f"Is the {q.name} {q.attribute}? Answer yes or no.") for q in queries]
        return [
            yes_or_no(question, answer)
            for question, answer in zip(asked, self._answerer.answer(asked), strict=True)
        ]


def calibrated_threshold(margins: Sequence[float], holds: Sequence[bool]) -> float:
    """The threshold with the best balanced accuracy, the mean of the shares right among true and among false.

    Args:
        margins: `ScoredAttributes.margins` of some labelled queries.
        holds: whether the attribute really holds, for each; both cases must occur.

    Raises:
        ValueError: only one of the two cases occurs.
    """
    positives, negatives = sum(holds), len(holds) - sum(holds)
    if not positives or not negatives:
        raise ValueError(
            "a threshold needs examples where the attribute holds and examples where it does not"
        )
    ranked = sorted(zip(margins, holds, strict=True))
    # Below every margin, all count as holding; each step up gives one example away.
    best, threshold, accuracy = 0.5, ranked[0][0] - 1.0, 0.5
    for i, (margin, true) in enumerate(ranked):
        accuracy += -0.5 / positives if true else 0.5 / negatives
        following = ranked[i + 1][0] if i + 1 < len(ranked) else margin + 2.0
        if accuracy > best and following > margin:
            best, threshold = accuracy, (margin + following) / 2
    return threshold


def _descriptions(query: AttributeQuery) -> tuple[str, ...]:
    """What is claimed, then its alternatives."""
    name, attribute = query.name.strip(), query.attribute.strip()
    wanted = adjective(attribute)
    sort = SORT_OF_ADJECTIVE.get(wanted)
    if sort is None:
        return f"a {name} {attribute}" if " " in attribute else f"a {attribute} {name}", f"a {name}"
    others = [word for word, its in SORT_OF_ADJECTIVE.items() if its == sort and word != wanted]
    return f"a {attribute} {name}", *(f"a {word} {name}" for word in others)


def yes_or_no(query: AnswerQuery, answer: str) -> bool:
    """What an answer to a question of yes or no says.

    Raises:
        ToolError: it is neither.
    """
    first = re.match(r"\W*(yes|no)\b", answer.lower())
    if first is None:
        raise ToolError(f"asked {query.question!r}, the answerer said {answer!r}: neither yes nor no")
    return first[1] == "yes"
