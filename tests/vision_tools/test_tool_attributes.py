"""Attribute checks by a scorer and by an answerer."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vision_tools import registry
from vision_tools.attributes import calibrated_threshold
from vision_tools.errors import ToolError
from vision_tools.regions import Picture, Region
from vision_tools.roles import AnswerQuery, AttributeQuery, AttributeVerifier, TextsQuery

_RGB = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}


class MeanColour:
    """A scorer that knows four colours: how near the region's mean is to the colour a text names."""

    identity, batch_size = "mean_colour", 8

    def score(self, queries: Sequence[TextsQuery]) -> list[list[float]]:
        return [[self._near(query.region, text) for text in query.texts] for query in queries]

    def _near(self, region: Region, text: str) -> float:
        colour = next((rgb for name, rgb in _RGB.items() if name in text), None)
        if colour is None:
            return 0.2
        mean = region.crop().resize((1, 1)).getpixel((0, 0))
        assert isinstance(mean, tuple)
        return 1 - sum(abs(a - b) for a, b in zip(mean, colour, strict=True)) / 765


class Terse:
    """An answerer that looks for the colour that the question names, and says what it is told to."""

    batch_size = 8

    def __init__(self, yes: str = "Yes.", no: str = "No, it is not.") -> None:
        self.identity, self._said = "terse", {True: yes, False: no}

    def answer(self, queries: Sequence[AnswerQuery]) -> list[str]:
        return [
            self._said[
                any(c in q.question and q.region.crop().getpixel((0, 0)) == rgb for c, rgb in _RGB.items())
            ]
            for q in queries
        ]


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BUILT_IN, ("scorer", "mean_colour"), f"{__name__}:MeanColour")
    monkeypatch.setitem(registry.BUILT_IN, ("answerer", "terse"), f"{__name__}:Terse")


def patch(colour: str) -> Region:
    return Region(Picture(colour, lambda: Image.new("RGB", (8, 8), _RGB[colour])), (0, 0, 8, 8))


def by_scorer(**settings: Any) -> Any:
    return registry.create("attributes", "scorer", {"scorer": {"name": "mean_colour"}, **settings})


def test_a_colour_must_beat_the_other_colours() -> None:
    tool = by_scorer()
    assert isinstance(tool, AttributeVerifier)
    queries = [AttributeQuery(patch(seen), "cube", asked) for seen in _RGB for asked in _RGB]
    assert tool.verify(queries) == [seen == asked for seen in _RGB for asked in _RGB]


def test_anything_else_must_beat_the_bare_name() -> None:
    assert by_scorer().verify([AttributeQuery(patch("red"), "cube", "painted red")]) == [True]
    assert by_scorer().verify([AttributeQuery(patch("green"), "cube", "on the wall")]) == [False]


def test_the_threshold_asks_for_a_clearer_lead() -> None:
    query = AttributeQuery(patch("yellow"), "cube", "yellow")
    margin = by_scorer().margins([query])[0]
    assert by_scorer(threshold=margin - 0.01).verify([query]) == [True]
    assert by_scorer(threshold=margin + 0.01).verify([query]) == [False]
    assert by_scorer(threshold=0.3).identity != by_scorer().identity


def test_an_answerer_is_asked_and_its_yes_or_no_is_read() -> None:
    tool: Any = registry.create("attributes", "answerer", {"answerer": {"name": "terse"}})
    queries = [AttributeQuery(patch("red"), "cube", "red"), AttributeQuery(patch("red"), "cube", "blue")]
    assert tool.verify(queries) == [True, False]


def test_an_answer_that_is_neither_yes_nor_no_is_an_error() -> None:
    settings = {"answerer": {"name": "terse", "yes": "Perhaps", "no": "Nobody knows"}}
    tool: Any = registry.create("attributes", "answerer", settings)
    with pytest.raises(ToolError, match="'Perhaps': neither yes nor no"):
        tool.verify([AttributeQuery(patch("red"), "cube", "red")])
    with pytest.raises(ToolError, match="'Nobody knows': neither yes nor no"):
        tool.verify([AttributeQuery(patch("red"), "cube", "blue")])


def accuracy(threshold: float, margins: Sequence[float], holds: Sequence[bool]) -> float:
    right = [(margin > threshold) == true for margin, true in zip(margins, holds, strict=True)]
    positives = [r for r, true in zip(right, holds, strict=True) if true]
    negatives = [r for r, true in zip(right, holds, strict=True) if not true]
    return (sum(positives) / len(positives) + sum(negatives) / len(negatives)) / 2


LABELLED = st.lists(st.tuples(st.integers(-20, 20), st.booleans()), min_size=2, max_size=30).filter(
    lambda pairs: len({true for _, true in pairs}) == 2
)


@given(LABELLED)
def test_no_threshold_is_better_than_the_calibrated_one(pairs: list[tuple[int, bool]]) -> None:
    margins, holds = [float(m) for m, _ in pairs], [true for _, true in pairs]
    ours = accuracy(calibrated_threshold(margins, holds), margins, holds)
    assert all(
        ours >= accuracy(m + step, margins, holds) - 1e-9 for m in margins for step in (-0.5, 0.0, 0.5)
    )


def test_a_threshold_needs_both_kinds_of_examples() -> None:
    with pytest.raises(ValueError, match="where the attribute holds and examples where it does not"):
        calibrated_threshold([0.1, 0.2], [True, True])
