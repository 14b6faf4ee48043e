"""Numbers with their units, read from short texts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.text.quantities import Quantity, agree, read_quantity


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3", "3", ""),
        ("three", "3", ""),
        ("Twenty-three.", "23", ""),
        ("a dozen eggs", "12", "egg"),
        ("3 cats", "3", "cat"),
        ("There are 3 cats.", "3", "cat"),
        ("The answer is 4", "4", ""),
        ("-3", "-3", ""),
        ("−3", "-3", ""),
        ("minus three", "-3", ""),
        (".5", "0.5", ""),
        ("1e-05", "0.00001", ""),
        ("1,000", "1000", ""),
        ("1,234.50", "1234.50", ""),
        ("1.234,50", "1234.50", ""),
        ("2,50", "2.50", ""),
        ("3 million", "3000000", ""),
        ("3cm", "3", "cm"),
        ("50%", "50", "%"),
        ("50 percent", "50", "%"),
        ("$2.50", "2.50", "usd"),
        ("-$5", "-5", "usd"),
        ("2.50 dollars", "2.50", "usd"),
        ("RM29.30", "29.30", "myr"),
        ("TOTAL: RM 9.60", "9.60", "myr"),
    ],
)
def test_forms_of_one_number(text, value, unit):
    assert read_quantity(text) == Quantity(Decimal(value), unit)


@pytest.mark.parametrize(
    "text",
    [
        "2-3",
        "2 - 3",
        "2–3",
        "2 or 3",
        "two or three",
        "2 to 3",
        "between 2 and 3",
        "1/2",
        "3:30",
        "2, 3",
        "1,2",
    ],
)
def test_ranges_and_lists_are_refused(text):
    assert read_quantity(text) is None


@pytest.mark.parametrize(
    "text", ["about 3", "3+", "more than 3", "at least 3", "3 or more", "maybe 3", "3, maybe", "3 and a half"]
)
def test_guesses_and_bounds_are_refused(text):
    assert read_quantity(text) is None


@pytest.mark.parametrize(
    "text", ["3rd", "second", "4k", "B12", "no one", "several", "twenty twenty", "1.2.3"]
)
def test_other_texts_with_numbers_are_no_quantities(text):
    assert read_quantity(text) is None


@pytest.mark.parametrize("text", ["None", "none", "nan", "inf", "", "[]", "a"])
def test_what_a_program_without_an_answer_prints_is_no_number(text):
    assert read_quantity(text) is None


@given(st.integers(-(10**12), 10**12))
def test_integers_are_read_back_with_and_without_separators(n):
    assert read_quantity(str(n)) == read_quantity(f"{n:,}") == (n, "")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_agrees_with_its_shortest_form(x):
    assert read_quantity(repr(x)).value == Decimal(repr(x))


def test_rounding_of_floating_point_does_not_separate_numbers_but_one_in_ten_million_does():
    assert agree(read_quantity(repr(0.1 + 0.2)), read_quantity("0.3"))
    assert not agree(read_quantity("10000001"), read_quantity("10000000"))


def test_units_must_agree_where_both_are_said():
    assert agree(read_quantity("3 cats"), read_quantity("3 cat"))
    assert agree(read_quantity("3 cats"), read_quantity("3"))
    assert not agree(read_quantity("3 cats"), read_quantity("3 dogs"))
    assert not agree(read_quantity("$5"), read_quantity("RM 5"))
