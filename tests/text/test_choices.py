"""Options picked by letter or by text."""

import pytest

from vpd.text.choices import read_choice

COLOURS = ("red", "blue", "green")


@pytest.mark.parametrize(
    "text",
    [
        "B",
        "b",
        "(B)",
        "B.",
        "[b]",
        "B. blue",
        "B: blue",
        "(b) Blue.",
        "option B",
        "The answer is (B).",
        "BLUE",
    ],
)
def test_an_option_is_picked_by_letter_or_text_or_both(text):
    assert read_choice(text, COLOURS) == 1


@pytest.mark.parametrize(
    "text", ["B. red", "A or B", "(A) or (B)", "A, B", "A and B", "red and blue", "D. red"]
)
def test_contradictions_pick_nothing(text):
    assert read_choice(text, COLOURS) is None


@pytest.mark.parametrize("text", ["D", "yellow", "2", "", "none of them", "A dog"])
def test_what_is_no_option_picks_nothing(text):
    assert read_choice(text, COLOURS) is None


def test_a_number_is_an_option_and_never_a_position():
    assert read_choice("3", ("2", "3", "4")) == 1
    assert read_choice("three", ("2", "3", "4")) == 1
    assert read_choice("B. 3", ("2", "3", "4")) == 1
    assert read_choice("1", COLOURS) is None


def test_an_article_is_not_a_letter():
    assert read_choice("A cat", ("dog", "cat")) == 1


def test_a_letter_that_is_the_text_of_another_option_picks_nothing():
    assert read_choice("A", ("B", "A")) is None
    assert read_choice("A", ("A", "B")) == 0


def test_an_option_that_begins_like_a_letter_is_read_as_text():
    assert read_choice("A. Lincoln", ("Grant", "A. Lincoln")) == 1


def test_of_two_similar_options_the_literal_one_is_picked():
    assert read_choice("dogs", ("dog", "dogs")) == 1
    assert read_choice("the dogs", ("dog", "dogs")) is None


def test_without_known_options_only_letters_are_read():
    assert read_choice("(C) the left one", ()) == 2
    assert read_choice("the left one", ()) is None
    assert read_choice("A or B", ()) is None
