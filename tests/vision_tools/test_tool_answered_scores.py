"""Texts and regions matched by an answerer in place of an image-text scorer."""

from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from vision_tools import registry
from vision_tools.errors import ToolError
from vision_tools.regions import Picture, Region
from vision_tools.roles import AnswerQuery, ImageTextScorer, TextsQuery

REGION = Region(Picture("0", lambda: Image.new("RGB", (8, 8))), (0, 0, 8, 8))


class Says:
    """Says the same to every question."""

    batch_size = 4
    identity = "says"

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def answer(self, queries: Sequence[AnswerQuery]) -> list[str]:
        return [self._answer] * len(queries)


def scorer(answer: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(registry.BUILT_IN, ("answerer", "says"), f"{__name__}:Says")
    return registry.create("scorer", "answerer", {"answerer": {"name": "says", "answer": answer}})


@pytest.mark.parametrize(
    ("answer", "texts", "scores"),
    [
        ("Blue.", ("red", "blue"), [0, 1]),
        ("It is dark red", ("red", "dark red"), [0, 1]),
        ("yes", ("a cat",), [1]),
        ("No.", ("a cat",), [0]),
    ],
)
def test_what_the_answerer_says_scores_one(
    answer: str, texts: tuple[str, ...], scores: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = scorer(answer, monkeypatch)
    assert isinstance(tool, ImageTextScorer)
    assert tool.score([TextsQuery(REGION, texts)]) == [scores]


@pytest.mark.parametrize("texts", [("red", "blue"), ("a cat",)])
def test_an_answer_that_chooses_nothing_is_an_error(
    texts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ToolError, match="the answerer said 'perhaps'"):
        scorer("perhaps", monkeypatch).score([TextsQuery(REGION, texts)])
