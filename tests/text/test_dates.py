"""Dates as receipts print them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.text.dates import read_date, same_day

FORMS = [
    "%d-%m-%y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d %b %Y",
    "%d-%b-%y",
    "%d%b%Y",
    "%B %d, %Y",
]


def same(a, b):
    return same_day(read_date(a), read_date(b))


@given(
    st.dates(datetime.date(1970, 1, 1), datetime.date(2060, 12, 31)),
    st.sampled_from(FORMS),
    st.sampled_from(FORMS),
)
def test_two_forms_of_a_day_denote_the_same_day(day, form, other):
    assert same(day.strftime(form), day.strftime(other))


@given(
    st.dates(datetime.date(1970, 1, 1), datetime.date(2060, 12, 31)),
    st.dates(datetime.date(1970, 1, 1), datetime.date(2060, 12, 31)),
)
def test_days_with_their_month_named_are_equal_only_if_they_are(a, b):
    assert same(a.strftime("%d %b %Y"), b.strftime("%Y-%m-%d")) == (a == b)


@pytest.mark.parametrize(
    "text",
    [
        "24/01/2018 10:32",
        "DATE: 24-01-18 10:30AM",
        "Wed, 24 Jan 2018",
        "24th of January 2018",
        "2018-01-24T10:32:00Z",
        "(24.1.18)",
        "jan 24th 2018",
        "24-01-18 (Wed)",
        "24 - 01 - 2018",
    ],
)
def test_weekdays_times_and_labels_beside_a_date_do_not_matter(text):
    assert read_date(text).day_first == datetime.date(2018, 1, 24)


def test_the_day_comes_first_or_the_month_does_but_for_both_alike():
    assert same("03-02-16", "3 Feb 2016")
    assert same("03-02-16", "March 2, 2016")
    assert not same("03-02-16", "02-03-16")


def test_an_order_that_makes_no_date_is_not_considered():
    assert same("06/25/18", "25/06/18")


@pytest.mark.parametrize(
    "text",
    ["31/31/18", "30 Feb 2018", "2.50", "1-2-3", "24-01", "2018", "12:30", "24/01-18", "", "about 24/01/18"],
)
def test_what_is_no_date_is_not_read(text):
    assert read_date(text) is None


def test_years_of_two_digits_turn_over_at_69():
    assert read_date("01-01-68").day_first.year == 2068
    assert read_date("01-01-69").day_first.year == 1969
