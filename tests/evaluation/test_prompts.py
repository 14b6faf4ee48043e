"""Options are shown to people as models see them."""

from typing import Any

import pytest

from tests.evaluation.asked import definition
from vpd.evaluation.prompts import question_text, shown_options
from vpd.evaluation.records import Item
from vpd.records import Example

ITEM = Item(example=Example(id="q", images=(), question="Which?", choices=("red", "blue")))


@pytest.mark.parametrize(
    ("options", "shown", "text"),
    [
        ("letters", ["A. red", "B. blue"], "Which?\nA. red\nB. blue"),
        ("list", ["red", "blue"], "Which? Choices: red; blue."),
    ],
)
def test_options_have_the_letters_that_models_answer_with(options: Any, shown: list[str], text: str):
    benchmark = definition(options=options)
    assert shown_options(ITEM, benchmark) == shown
    assert question_text(ITEM, benchmark) == text
