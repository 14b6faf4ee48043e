"""Lessons on words alone: their answers follow from what they tell, and they name no pair that training never shows."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from vpd.distillation.facts.words import NUMBER_WORDS
from vpd.tabletop.splits import pair_split
from vpd.tabletop.training.written import from_words
from vpd.tabletop.vocabulary import COLORS, SHAPES

_BOX = re.compile(r"\[(\d+), (\d+), (\d+), (\d+)\]")


def lessons(asked: str, seed: int = 0) -> Iterator[tuple[str, str, str]]:
    """What some are told, what they are asked, and the answer."""
    rng = np.random.default_rng(seed)
    for _ in range(600):
        question, answer = from_words(rng)
        if re.search(asked, question):
            split = re.fullmatch(r"The text says: (.+[.]) ([^.]+[.?]) (?:Answer|Explain).+", question)
            assert split
            yield split[1], split[2], answer


def boxes(text: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, found)) for found in _BOX.findall(text)]


def middle(box: tuple[int, ...]) -> float:
    return (box[0] + box[2]) / 2


def says(answer: str) -> str:
    return re.split(r"answer is ", answer)[-1].strip(".")


def test_sides_are_those_of_the_boxes():
    found = list(lessons("more to the (left|right) than|is it not|^The text says: .* Would"))
    assert len(found) > 30
    for told, asked, answer in found:
        one, other = boxes(told)
        left = middle(one) < middle(other)
        assert says(answer) == ("yes" if left == ("left" in asked) else "no")
        assert answer in ("yes", "no") or (" not " in answer) == (says(answer) == "no")


def test_what_is_lower_in_the_picture_is_closer():
    found = list(lessons("camera than|nearer|closer|farther away|in front of|behind"))
    assert len(found) > 30
    for told, asked, answer in found:
        one, other = boxes(told)
        a, b = re.findall("one ([a-z ]+), at", told)
        nearer = re.search("nearer|closer|in front", asked) is not None
        first = (one[3] > other[3]) == nearer
        assert says(answer) == ((a if first else b) if "of the two" in asked else "yes" if first else "no")


def test_the_one_that_is_picked_is_the_first_by_its_mark():
    rank: dict[str, Callable[[tuple[int, ...]], float]] = {
        "leftmost": lambda b: -middle(b), "rightmost": middle, "nearest": lambda b: b[3], "farthest": lambda b: -b[3],
    }  # fmt: skip
    found = list(lessons(rf"the ({'|'.join(rank)})"))
    assert len(found) > 30
    for told, asked, answer in found:
        mark = next(mark for mark in rank if mark in asked)
        picked = boxes(answer)[-1]
        assert picked in boxes(told)
        # It was picked by pixels, of which one is eight thousandths.
        assert rank[mark](picked) >= max(map(rank[mark], boxes(told))) - 8


def test_counts_are_those_of_the_places():
    found = list(lessons("Count the|How many are that|their number"))
    assert len(found) > 30
    for told, _, answer in found:
        assert says(answer) == str(len(boxes(told)))
        assert boxes(answer) in ([], boxes(told))


_SUMS: dict[str, Callable[[int, int], int]] = {
    "the sum": lambda a, b: a + b,
    "the difference": lambda a, b: abs(a - b),
    "is larger": max,
    "price of all": lambda a, b: a * b,
    "other ones": lambda a, _: a - 1,
}


@pytest.mark.parametrize("asked", _SUMS)
def test_sums_are_right(asked: str):
    found = list(lessons(asked))
    assert found
    for told, _, answer in found:
        words = re.findall(r"\w+", told)
        numbers = [
            NUMBER_WORDS[word] if word in NUMBER_WORDS else int(word) for word in words if _number(word)
        ]
        assert int(says(answer)) == _SUMS[asked](*(numbers * 2)[:2])


def _number(word: str) -> bool:
    return word.isdigit() or word in NUMBER_WORDS


def test_things_are_sorted_out_by_what_is_told():
    found = list(lessons("How many are (small|medium|large|red|blue|green|rubber|metal)"))
    assert len(found) > 20
    for told, asked, answer in found:
        values = told.split(": ")[1].strip(".").split(", ")
        assert says(answer) == str(values.count(asked.removeprefix("How many are ").strip("?")))


def test_no_phrase_names_a_pair_that_training_never_shows():
    pair = re.compile(rf"\b({'|'.join(COLORS)})(?: rubber| metal)? ({'|'.join(SHAPES)})")
    rng = np.random.default_rng(1)
    pairs = [found for _ in range(600) for text in from_words(rng) for found in pair.findall(text)]
    assert len(pairs) > 100
    assert {pair_split(color, shape) for color, shape in pairs} == {"train"}
