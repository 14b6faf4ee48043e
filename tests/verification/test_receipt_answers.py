"""Totals, dates and companies of real receipts, as programs and readers write them."""

import datetime
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from vpd.records import Example
from vpd.verification.answers import match

QUESTIONS = Path(__file__).parents[2].parent / "shared" / "data" / "receipts" / "questions.jsonl"

pytestmark = pytest.mark.skipif(not QUESTIONS.exists(), reason="the receipts are not at hand")


def labels(kind):
    rows = map(json.loads, QUESTIONS.read_text().splitlines()) if QUESTIONS.exists() else ()
    return [row["answer"] for row in rows if row["id"].endswith(kind)]


def correct(answer, label):
    example = Example(id="q", images=(), question="?", answers=(label,), answer_type="open")
    return match(answer, example).correct


def amount(label):
    return Decimal(re.sub(r"[^\d.]", "", label))


def day(label):
    for form in ("%d-%m-%y", "%d/%m/%y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"):
        try:
            return datetime.datetime.strptime(label, form).date()
        except ValueError:
            continue
    raise AssertionError(label)


@pytest.mark.parametrize("label", labels("total"))
@pytest.mark.parametrize("form", ["{}", "RM{}", "RM {}", "{} RM", "MYR {}", "TOTAL: RM {}", "{}."])
def test_a_total_with_or_without_currency(label, form):
    total = amount(label)

    assert correct(form.format(total), label)
    assert not correct(form.format(total + Decimal("0.05")), label)


@pytest.mark.parametrize("label", labels("total"))
def test_a_total_as_a_computed_number_or_with_a_decimal_comma(label):
    total = amount(label)

    assert correct(repr(float(total)), label)
    assert correct(str(total).replace(".", ","), label)
    assert not correct(str(-total), label)


@pytest.mark.parametrize("label", labels("date"))
@pytest.mark.parametrize(
    "form",
    [
        "%d-%m-%y",
        "%d/%m/%Y",
        "%d.%m.%Y",
        "%Y-%m-%d",
        "%d %b %Y",
        "%d-%b-%y",
        "%d/%m/%Y 10:32",
        "Date: %d-%m-%y",
    ],
)
def test_a_date_in_another_form(label, form):
    assert correct(day(label).strftime(form), label)
    assert not correct((day(label) + datetime.timedelta(days=1)).strftime(form), label)


@pytest.mark.parametrize("label", labels("company"))
def test_a_company_as_a_text_reader_writes_it(label):
    assert correct(label.lower(), label)
    assert correct(label.replace(" ", ""), label)
    assert correct(f"{label}.", label)
    assert not any(correct(other, label) for other in labels("company") if other != label)
