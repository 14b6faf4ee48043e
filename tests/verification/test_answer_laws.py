"""Laws of answer matching, on generated texts."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from vpd.records import Example
from vpd.text.bare import bare
from vpd.verification.answers import match

TYPES = st.sampled_from(["yes_no", "number", "choice", "open"])
CHOICES = st.lists(st.text(max_size=8), max_size=5).map(tuple)
PLAIN = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=20)
ANSWERS = st.one_of(
    st.sampled_from(
        ["yes", "No", "true", "not sure", "no one", "fish_tank", "the red car", "S/B", "2 or 3", "None"]
    ),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(lambda d: f"RM {d}"),
    st.dates().map(lambda day: day.strftime("%d/%m/%Y")),
    st.sampled_from("ABCD"),
    PLAIN,
)


def score(answer, references, type="open", choices=()):
    example = Example(
        id="q", images=(), question="?", answers=tuple(references), answer_type=type, choices=choices
    )
    return match(answer, example).score


@given(st.one_of(ANSWERS, st.text()), TYPES, CHOICES)
def test_every_label_matches_itself(text, type, choices):
    assume(bare(text))

    assert score(text, [text], type, choices) == 1


@given(ANSWERS, ANSWERS)
def test_open_matching_is_symmetric(a, b):
    assert score(a, [b]) == score(b, [a])


@given(ANSWERS, st.sampled_from([str.upper, str.lower, str.title, str.swapcase]), TYPES, CHOICES)
def test_case_does_not_matter(text, change, type, choices):
    assume(bare(text))

    assert score(change(text), [text], type, choices) == 1


@given(
    ANSWERS, st.sampled_from([" {} ", "{}.", "{}!", '"{}"', "({})", "**{}**", "{}\n", "Answer: {}"]), TYPES
)
def test_punctuation_and_space_around_an_answer_do_not_matter(text, around, type):
    assume(re.search(r"[^\W_]", text))

    assert score(around.format(text), [text], type, ("red", "blue")) == 1


@given(ANSWERS, st.sampled_from(["  ", "\n", "\t", "\u00a0"]))
def test_the_kind_of_space_between_words_does_not_matter(text, space):
    assume(bare(text))

    assert score(text.replace(" ", space), [text]) == 1


@given(st.one_of(st.none(), st.text()), st.lists(st.text(), max_size=12), TYPES, CHOICES)
def test_any_text_gets_a_score_between_0_and_1(answer, references, type, choices):
    assert 0 <= score(answer, references, type, choices) <= 1


@given(
    st.lists(st.text(), max_size=12), TYPES, CHOICES, st.sampled_from([None, "", " \n", "\u200b", "\ufeff"])
)
def test_nothing_never_matches(references, type, choices, nothing):
    assert score(nothing, references, type, choices) == 0
