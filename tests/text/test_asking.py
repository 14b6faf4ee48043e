"""Questions end as sentences do, for what a model is to do with them follows."""

import pytest

from vpd.text.asking import question_text


@pytest.mark.parametrize(
    ("question", "choices", "text"),
    [
        ("How many?", (), "How many?"),
        ("all towers are blue", (), "all towers are blue."),
        ("Which?", ("red", "blue"), "Which? Choices: red; blue."),
        ("Which?\nA. red\nB. blue", (), "Which?\nA. red\nB. blue"),
    ],
)
def test_a_question_ends_with_a_mark(question: str, choices: tuple[str, ...], text: str):
    assert question_text(question, choices) == text
    assert question_text(text) == text
