"""Texts without what surrounds the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.text.bare import bare


@pytest.mark.parametrize(
    "text",
    [
        "red",
        " Red. ",
        "**RED**",
        "“red”",
        "(red)",
        "The answer is red.",
        "Answer: red",
        "final answer: 'red'",
    ],
)
def test_wrapping_and_lead_in_are_dropped(text):
    assert bare(text) == "red"


@pytest.mark.parametrize("text", ["answer key", "the answer is", "answering", "-3", ".5", "50%", "?!"])
def test_what_is_the_answer_itself_stays(text):
    assert bare(text) == text


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u200b", "\u00a0", "\ufeff\u200d", "\x00"])
def test_what_cannot_be_seen_is_empty(text):
    assert bare(text) == ""


@given(st.text())
def test_any_text_has_a_bare_form(text):
    assert bare(text) == bare(f" {text} ")
