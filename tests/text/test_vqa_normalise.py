"""The VQA metric's normalisation and soft accuracy, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.text.vqa import normalise, soft_accuracy


@pytest.mark.parametrize(
    ("answer", "normal"),
    [
        ("Yes.", "yes"),
        ("The Red Car", "red car"),
        ("none", "0"),
        ("Ten", "10"),
        ("eleven", "eleven"),
        ("dont", "don't"),
        ("couldnt've", "couldn't've"),
        ("somebody'd", "somebodyd"),  # the one entry of the table that is the wrong way round
        ("im", "im"),  # the table has it with a capital only, where lower-case words are looked up
        ("1,000", "1000"),
        ("red,white", "red white"),
        ("red, white", "red white"),
        ("t-shirt", "t shirt"),
        ("t-shirt -", "tshirt"),  # a sign that touches a space once is dropped everywhere
        ("1,000 (t-shirts)", "1000 tshirts"),  # and so is every sign beside a comma between digits
        ("2.50", "2.50"),
        ("U.S.", "us"),
        (".5", ".5"),
        ("10:30", "10:30"),
        ("dog's", "dog's"),
        ("a\tcat\n", "cat"),
    ],
)
def test_normalise(answer, normal):
    assert normalise(answer) == normal


@pytest.mark.parametrize(("matches", "score"), [(0, 0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1), (10, 1)])
def test_soft_accuracy_with_ten_references(matches, score):
    assert soft_accuracy(matches, 10) == pytest.approx(score)


@given(st.lists(st.booleans(), min_size=1, max_size=15))
def test_soft_accuracy_is_the_mean_over_leaving_each_reference_out(agrees):
    left_out = [min(1, (sum(agrees) - one) / 3) for one in agrees]

    assert soft_accuracy(sum(agrees), len(agrees)) == pytest.approx(sum(left_out) / len(left_out))
