"""Cardinal numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.text.number_words import read_cardinal


def words(text: str) -> list[str]:
    return text.split()


ONES = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
TENS = words("twenty thirty forty fifty sixty seventy eighty ninety")


def spell(n: int, linked: str = " ", joint: str = " and ") -> str:
    """A number below a billion in words, e.g. `two hundred and five`."""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10 - 2] + (linked + ONES[n % 10] if n % 10 else "")
    for name, scale in (("million", 10**6), ("thousand", 1000), ("hundred", 100)):
        if n >= scale:
            rest = (joint if n % scale < 100 else " ") + spell(n % scale, linked, joint) if n % scale else ""
            return f"{spell(n // scale, linked, joint)} {name}{rest}"
    raise AssertionError(n)


@given(st.integers(0, 10**9 - 1), st.sampled_from([" ", " and "]))
def test_every_number_is_read_back_from_its_words(n, joint):
    spelled = words(spell(n, joint=joint))

    assert read_cardinal(spelled) == (n, len(spelled))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a dozen", 12),
        ("half a dozen", 6),
        ("two dozen", 24),
        ("a hundred", 100),
        ("a thousand and one", 1001),
    ],
)
def test_dozens_and_round_numbers_with_an_article(text, value):
    assert read_cardinal(text.split()).value == value


@pytest.mark.parametrize("text", ["a", "a cat", "none", "several", "second", "dozens", "hundred", "and", ""])
def test_other_words_are_no_numbers(text):
    assert read_cardinal(text.split()) is None


def test_a_number_ends_where_the_next_word_does_not_continue_it():
    assert read_cardinal(words("two three")) == (2, 1)
    assert read_cardinal(words("two hundred and a cat")) == (200, 2)
    assert read_cardinal(words("on twenty one legs"), start=1) == (21, 3)
