"""When two texts give the same answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.text.same import same_text
from vpd.text.vqa import normalise


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("yes", "Yes, it is."),
        ("24-01-18", "24 JAN 2018"),
        ("RM29.30", "29.30"),
        ("2.50", "2,50"),
        ("2", "two dogs"),
        ("a dog", "dogs"),
    ],
)
def test_same(a, b):
    assert same_text(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("yes", "no"),
        ("yes, three dogs", "yes, four dogs"),
        ("No. 5", "No. 7"),
        ("24-01-18", "25-01-18"),
        ("$5", "£5"),
        ("-3", "3"),
        ("2 cats", "2 dogs"),
        ("12 34", "1234"),
        ("None", "0"),
        ("None", "no"),
        ("", ""),
    ],
)
def test_not_same(a, b):
    assert not same_text(a, b)


WORDS = st.sampled_from(
    ["red", "two", "ten", "cat", "dont", "he'll", "its", "st", "7", "2.5", "tv", "the cat", "a dog"]
)
SIGNS = st.sampled_from([" ", ", ", "! ", " (", "; ", "? ", "_ "])


@given(st.lists(WORDS, min_size=1, max_size=3), SIGNS, SIGNS)
def test_punctuation_that_vqa_normalisation_ignores_is_ignored_here(words, sign, other):
    a, b = sign.join(words), other.join(words)

    assert normalise(a) == normalise(b)
    assert same_text(a, b)
