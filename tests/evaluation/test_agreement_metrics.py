"""Exact match, VQA accuracy, counts and ANLS, by hand."""

import pytest

from vpd.evaluation.metrics.anls import anls, levenshtein
from vpd.evaluation.metrics.counting import same_count
from vpd.evaluation.metrics.exact_match import exact_match
from vpd.evaluation.metrics.vqa_accuracy import direct_answer_accuracy, vqa_accuracy


@pytest.mark.parametrize("prediction", ["yes", "Yes.", " YES! "])
def test_exact_match_ignores_case_and_punctuation(prediction):
    assert exact_match(prediction, "yes")


@pytest.mark.parametrize("prediction", ["yes it is", "two", "the yes", "", None])
def test_exact_match_forgives_nothing_else(prediction):
    assert not exact_match(prediction, "yes")
    assert not exact_match(prediction, "2")


def test_vqa_accuracy_by_hand():
    references = ["Two"] * 2 + ["the couch"] * 3 + ["sofa"] * 5

    assert vqa_accuracy("2", references) == pytest.approx(0.6)
    assert vqa_accuracy("Couch.", references) == pytest.approx(0.9)
    assert vqa_accuracy("a sofa", references) == 1
    assert vqa_accuracy("settee", references) == 0
    assert vqa_accuracy(None, references) == 0


def test_vqa_accuracy_normalises_unanimous_references_too():
    assert vqa_accuracy("Yes.", ["yes"] * 10) == 1


def test_vqa_accuracy_needs_the_answers_of_several_people():
    with pytest.raises(ValueError, match="ten references, not for 3"):
        vqa_accuracy("yes", ["yes"] * 3)


def test_direct_answers_match_only_literally():
    references = ["cab"] * 2 + ["taxi"] * 4 + ["bus"] + ["ride"] * 3

    assert direct_answer_accuracy("cab", references) == pytest.approx(2 / 3)
    assert direct_answer_accuracy("taxi", references) == 1
    assert direct_answer_accuracy("bus", references) == pytest.approx(1 / 3)
    assert direct_answer_accuracy("Taxi", references) == 0
    assert direct_answer_accuracy(None, references) == 0


@pytest.mark.parametrize(
    ("prediction", "right"),
    [
        ("3", True),
        ("three", True),
        ("3 cats", True),
        ("3.0", True),
        ("13", False),
        ("2 or 3", False),
        (None, False),
    ],
)
def test_counts(prediction, right):
    assert same_count(prediction, 3) is right


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 2), ("a", "", 1)],
)
def test_levenshtein_distance(a, b, distance):
    assert levenshtein(a, b) == distance


def test_anls_by_hand():
    assert anls("Hello", ["hello"]) == 1
    assert anls("the  cat", ["The cat "]) == 1
    assert anls("hallo", ["world", "hello"]) == pytest.approx(0.8)
    assert anls("abcd", ["abxy"]) == 0.5  # at the threshold
    assert anls("abc", ["axy"]) == 0
    assert anls("", ["a"]) == 0
    assert anls(None, ["a"]) == 0
