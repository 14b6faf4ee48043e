"""Reckoning with the numbers on cards: sign_arithmetic, price."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.common import found_step, of_kind
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.signs import said
from vpd.tabletop.questions.writer import Writer
from vpd.tabletop.vocabulary import SHAPES

# sign_arithmetic -----------------------------------------------------------------------------------------


def _propose_arithmetic(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    del views, rng
    for variant in ("sum", "difference", "larger"):
        yield Query("sign_arithmetic", variant)


def _solve_arithmetic(query: Query, views: Views) -> Solution | None:
    signs = [sign for sign in views[0].signs if sign.text.isdigit()]
    if len(signs) != 2 or len(views[0].signs) != 2 or signs[0].text == signs[1].text:
        return None
    a, b = (int(sign.text) for sign in signs)
    high, low = max(a, b), min(a, b)
    match query.variant:
        case "sum":
            answer, told = a + b, f"{a} plus {b} is {a + b}."
        case "difference":
            answer, told = high - low, f"{high} minus {low} is {high - low}."
        case _:
            answer, told = high, f"{high} is larger than {low}."
    return Solution(str(answer), (*(said(sign) for sign in signs), Step(told)))


def _program_arithmetic(query: Query, w: Writer) -> str:
    match w.pick("list", "two", "lines"):
        case "list":
            w.line(f'signs = {w.image}.find("sign")')
            w.line(
                w.pick(
                    "numbers = [int(sign.read_text()) for sign in signs]",
                    "numbers = [int(coerce_to_numeric(sign.read_text())) for sign in signs]",
                )
            )
        case "two":
            w.line(f'signs = {w.image}.find("sign")')
            w.line("first = coerce_to_numeric(signs[0].read_text())")
            w.line("second = coerce_to_numeric(signs[1].read_text())")
            w.line("numbers = [int(first), int(second)]")
        case _:
            w.line(f"numbers = [int(line) for line in {w.image}.read_text().split()]")
    expression = {
        "sum": w.pick("sum(numbers)", "numbers[0] + numbers[1]"),
        "difference": w.pick("max(numbers) - min(numbers)", "abs(numbers[0] - numbers[1])"),
        "larger": "max(numbers)",
    }[query.variant]
    w.number(expression)
    return w.program()


SIGN_ARITHMETIC = Family(
    "sign_arithmetic",
    "signs",
    "number",
    {"sum": (), "difference": (), "larger": ()},
    {
        "sum": Phrasings(
            (
                "What is the sum of the numbers on the signs?",
                "What do the two numbers add up to?",
                "Add the numbers on the two signs.",
            ),
            ("What is the sum of the two numbers?",),
            ("What do the numbers on the two signs add up to?", "Add the two numbers on the signs."),
        ),
        "difference": Phrasings(
            (
                "What is the difference between the numbers on the signs?",
                "How much larger is one number than the other?",
                "Take the smaller number from the larger one. What is left?",
            ),
            ("What is the difference between the two numbers?",),
            (
                "How much larger is the larger number than the smaller one?",
                "What is the difference of the two numbers on the signs?",
            ),
        ),
        "larger": Phrasings(
            (
                "Which of the two numbers is larger?",
                "What is the larger number on the signs?",
                "Read the larger of the numbers on the signs.",
            ),
            ("Which number on the signs is larger?",),
            ("What is the larger of the two numbers?", "Read the larger number on the two signs."),
        ),
    },
    _propose_arithmetic,
    _solve_arithmetic,
    _program_arithmetic,
)


# price ---------------------------------------------------------------------------------------------------


def _propose_price(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    del views
    for k in rng.permutation(len(SHAPES))[:4]:
        yield Query("price", "shape", (Kind(shape=SHAPES[k]),))


def _solve_price(query: Query, views: Views) -> Solution | None:
    [kind], signs = query.kinds, views[0].signs
    found = of_kind(kind, views[0])
    if len(signs) != 1 or not signs[0].text.isdigit() or not found:
        return None
    price, count = int(signs[0].text), len(found)
    told = Step(f"{count} times {price} is {count * price}.")
    return Solution(str(count * price), (said(signs[0]), found_step(kind, found), told), str(count))


def _program_price(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    w.line(f'sign = {w.image}.find("sign")[0]')
    w.line(w.pick("price = int(sign.read_text())", "price = int(coerce_to_numeric(sign.read_text()))"))
    w.number(f"price * len({w.all_of(kind)})")
    return w.program()


PRICE = Family(
    "price",
    "signs",
    "number",
    {"shape": ("1", "2", "3")},
    {
        "*": Phrasings(
            (
                "The sign gives the price of one {a}. What do all the {a_s} cost?",
                "If one {a} costs the number on the sign, what do all the {a_s} cost?",
                "One {a} costs what the sign says. How much are all the {a_s}?",
            ),
            ("The sign gives the price of one {a}. How much are all the {a_s}?",),
            (
                "One {a} costs the number on the sign. What do all the {a_s} cost?",
                "If the sign gives the price of one {a}, how much do all the {a_s} cost?",
            ),
        )
    },
    _propose_price,
    _solve_price,
    _program_price,
)

FAMILIES = (SIGN_ARITHMETIC, PRICE)
