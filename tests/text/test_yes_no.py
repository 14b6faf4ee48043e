"""Yes and no in short texts."""

import pytest

from vpd.text.yes_no import read_yes_no


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yes.",
        "yes, it is",
        "Yes it is",
        "yes because",
        "YES!",
        "true",
        "True",
        "It is true",
        "Answer: yes",
    ],
)
def test_yes(text):
    assert read_yes_no(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No.",
        "no, it isn't",
        "No, there are no dogs",
        "false",
        "The statement is not true",
        "it isn't correct",
    ],
)
def test_no(text):
    assert read_yes_no(text) is False


@pytest.mark.parametrize(
    "text",
    ["yes or no", "Yes/No", "yes and no", "yes, no", "not sure", "maybe", "yes, or maybe not", "No, yes"],
)
def test_hedges_are_neither(text):
    assert read_yes_no(text) is None


@pytest.mark.parametrize(
    "text", ["no one", "No. 5", "no idea", "no parking", "nobody", "none", "nothing", "yesterday", "north"]
)
def test_phrases_that_begin_alike_are_neither(text):
    assert read_yes_no(text) is None


@pytest.mark.parametrize("text", ["1", "0", "", "cat", "None", "yes, there is no cat"])
def test_anything_else_is_neither(text):
    assert read_yes_no(text) is None
