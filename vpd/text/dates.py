"""Dates as receipts and forms print them: `24-01-18`, `24/01/2018`, `2018-01-24`, `24 JAN 2018`."""

import datetime
import re
from typing import NamedTuple

from vpd.text.bare import bare

_MONTHS = {
    "jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5,
    "jun": 6, "june": 6, "jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9,
    "oct": 10, "october": 10, "nov": 11, "november": 11, "dec": 12, "december": 12,
}  # fmt: skip
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")(?![a-z])"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"'?(?P<year>\d{4}|\d{2})"
_GAP = r"[\s\-/.,]*"
_NAMED = (
    re.compile(rf"{_DAY}{_GAP}(?:of )?{_MONTH}{_GAP}{_YEAR}"),
    re.compile(rf"{_MONTH}{_GAP}{_DAY}[\s\-/.,]+{_YEAR}"),
)
_NUMERIC = re.compile(r"(\d{4}|\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{1,2})")

_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_BEFORE = re.compile(rf"^(?:(?:date|dated|on)\b[\s:]*)?(?:{_WEEKDAY}\b[\s.,]*)?")
_TIME = r"[\s,]*(?:t|at )?\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?z?"
_AFTER = re.compile(rf"(?:{_TIME})?(?:[\s,(]*{_WEEKDAY})?")


class Date(NamedTuple):
    """A date as it reads to someone who writes the day first, and to someone who writes the month first."""

    day_first: datetime.date
    month_first: datetime.date


def read_date(text: str) -> Date | None:
    """The one date a short text states, whatever weekday or time stands beside it; None if it states none.

    Where only one order makes a date (`25/06/18`), both readings are that one. Years of two digits are those
    from 1969 to 2068, as in POSIX.
    """
    plain = _BEFORE.sub("", bare(text))
    for pattern in (_NUMERIC, *_NAMED):
        found = pattern.match(plain)
        if found and _AFTER.fullmatch(plain, found.end()):
            return _numeric(found) if pattern is _NUMERIC else _named(found)
    return None


def same_day(a: Date, b: Date) -> bool:
    """Whether there is one order of day and month under which both denote the same day."""
    return a.day_first == b.day_first or a.month_first == b.month_first


def _numeric(found: "re.Match[str]") -> Date | None:
    first, _, second, third = found.groups()
    if len(first) == 4:
        day = _day(first, second, third)
        return Date(day, day) if day and len(third) <= 2 else None
    if len(third) == 1:
        return None
    day_first, month_first = _day(third, second, first), _day(third, first, second)
    if day_first is None or month_first is None:
        day_first = month_first = day_first or month_first
    return Date(day_first, month_first) if day_first and month_first else None


def _named(found: "re.Match[str]") -> Date | None:
    day = _day(found["year"], str(_MONTHS[found["month"]]), found["day"])
    return Date(day, day) if day else None


def _day(year: str, month: str, day: str) -> datetime.date | None:
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 69 else 1900)
    try:
        return datetime.date(full, int(month), int(day))
    except ValueError:
        return None
