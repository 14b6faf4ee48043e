"""The answer is found in what a model wrote, or none is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.evaluation.reading import direct_answer, stated_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("red", "red"),
        (" Two dogs. ", "Two dogs"),
        ("<think>It may be blue.</think>\nred", "red"),
        ("<think>It may be blue, or", None),
        ("3.5", "3.5"),
        ("", None),
        (" . ", None),
    ],
)
def test_a_direct_reply_is_its_own_answer(text: str, answer: str | None):
    assert direct_answer(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("There are two cubes, so the answer is 2.", "2"),
        ("The price is 3.50 each, so the answer is 7.50. That is all.", "7.50"),
        ("The answer is no. Wait: there is one. So the answer is yes.", "yes"),
        ("Thus the final answer is: **red**", "red"),
        ("Answer: B", "B"),
        ("I see it. <answer>blue</answer>", "blue"),
        (r"Therefore \boxed{4}.", "4"),
        (r"The answer is \boxed{4}.", "4"),
        ("The answer is St. Louis.", "St. Louis"),
        ("The answer is Mr. T. It says so.", "Mr. T"),
        ("So the answer is J. K. Rowling. She wrote it.", "J. K. Rowling"),
        ("The answer is B. The cube is red.", "B"),
        ("The answer is no. A dog is there.", "no"),
        ("The sign reads Main St. The answer is 4 ft. It is low.", "4 ft"),
        ("<think>The answer is red. But wait", None),
        ("<think>The answer is red.</think> The answer is blue.", "blue"),
        ("yes", "yes"),
        ("the left one", "the left one"),
        ("I cannot tell from this picture what it is", None),
        ("", None),
        ("The answer is .", None),
    ],
)
def test_reasoning_ends_with_its_answer(text: str, answer: str | None):
    assert stated_answer(text) == answer


@given(st.from_regex(r"[a-z]{1,8}( [a-z]{1,8})?", fullmatch=True), st.text("ab. \n", max_size=40))
def test_what_stands_before_the_statement_does_not_matter(answer: str, before: str):
    assert stated_answer(f"{before} The answer is {answer}.") == answer
