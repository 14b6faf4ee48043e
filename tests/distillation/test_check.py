"""The fact check: what follows passes in many words; any number, colour, name, side, box or answer else is named."""

import pytest

from tests.distillation.gold_programs import runs
from tests.distillation.small_worlds import Teller, Told, picture, thing
from vpd.distillation.check.check import Checker, states_answer
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.rationale.composition import compose

TABLE = picture(
    thing("cup", 10, properties=("red",)),
    thing("cup", 50, 20, properties=("blue",)),
    thing("cup", 90, side=20, properties=("red",)),
    thing("sign", 120, 30, side=40),
    lines=[{"text": "EXIT 12", "box": (120, 30, 160, 70)}],
)  # fmt: skip
PROGRAM = """
red = [cup for cup in image.find('cup') if cup.verify_property('cup', 'red')]
sign = image.find('sign')[0]
if sign.read_text() == 'EXIT 12' and red[0].horizontal_center < sign.horizontal_center:
    return str(len(red))
return 'none'
"""

TRUE = [
    "There are three cups.",
    "I can see three cups in the picture, and one sign.",
    "There are at least three cups.",
    "There is a cup.",
    "The first and third cups are red, but the second cup is not red.",
    "The first cup is red. The third cup is red. The second cup isn't red.",
    "Two of the three cups are red.",
    "The sign reads “EXIT 12”.",
    "The first cup is to the left of the sign.",
    "The first cup is left of the sign.",
    "The sign is to the right of the first cup.",
    "The cups are at [10, 40, 20, 50], [50, 20, 60, 30] and [90, 40, 110, 60].",
    "There are cups, at [10, 40, 20, 50], [50, 20, 60, 30] and [90, 40, 110, 60], three cups in all.",
    "There are cups that are red, at [10, 40, 20, 50] and [90, 40, 110, 60], two such cups in all.",
    "The cup [50, 20, 60, 30] is not red.",
    "So the answer is 2.",
    "There are three cups, and the first is red, so the answer is 2.",
]

FALSE = {
    "number": "There are four cups.",
    "no": "There are no cups.",
    "sum": "There are cups, at [10, 40, 20, 50], [50, 20, 60, 30] and [90, 40, 110, 60], four cups in all.",
    "too few": "There are cups, at [10, 40, 20, 50] and [50, 20, 60, 30], two cups in all.",
    "fewer than there are": "There are two cups.",
    "those that passed for all": "There are cups, at [10, 40, 20, 50] and [90, 40, 110, 60], two cups in all.",
    "another number of such": "Cups that are red, at [10, 40, 20, 50] and [90, 40, 110, 60], three such cups in all.",
    "the box of another": "The cup [50, 20, 60, 30] is red.",
    "digits": "There are 5 cups.",
    "quantifier": "All three cups are red.",
    "at least": "There are at least four cups.",
    "share": "One of the three cups is red.",
    "colour": "The first cup is blue.",
    "unheard colour": "The first cup is green.",
    "name": "There are three signs.",
    "unheard name": "There is a dog.",
    "ordinal": "The second cup is red.",
    "negation": "The first cup is not red.",
    "lost negation": "The second cup is red.",
    "side": "The first cup is to the right of the sign.",
    "turned": "The sign is to the left of the first cup.",
    "another relation": "The first cup is above the sign.",
    "quotation": "The sign reads “EXIT 13”.",
    "box": "The sign at [121, 30, 160, 70] is there.",
    "answer": "So the answer is 3.",
    "answer in words": "The answer is none.",
    "unheard attribute": "The large sign reads “EXIT 12”.",
    "twice": "There are three cups. There are three cups.",
    "hidden in a list": "There are three cups, one sign and two dogs.",
    "before the answer": "There are four cups, so the answer is 2.",
}


@pytest.fixture(scope="module")
def told(tell: Teller) -> Told:
    return tell(PROGRAM, TABLE, question="How many cups are red?")


@pytest.mark.parametrize("text", TRUE)
def test_what_follows_from_the_facts_passes(text: str, told: Told):
    assert told.checker.check(text) == []


@pytest.mark.parametrize("text", FALSE.values(), ids=FALSE)
def test_what_does_not_follow_is_named(text: str, told: Told):
    claims = told.checker.check(text)
    assert claims
    assert all(text[claim.start : claim.end] == claim.text for claim in claims)


ONE = """
color = {color!r}
return str(len([cup for cup in image.find('cup') if cup.verify_property('cup', color)]))
"""


def test_of_those_that_are_so_it_is_not_said_how_many_there_are(tell: Teller):
    one = tell(ONE.format(color="blue"), TABLE)
    assert one.checker.check(one.text(boxes="pixels")) == []
    assert one.checker.check("There is one cup that is blue.") == []
    assert one.checker.check("There is one cup.")
    assert one.checker.check("There is one cup, at [50, 20, 60, 30].")
    none = tell(ONE.format(color="green"), TABLE)
    assert none.text(boxes="pixels").startswith("No cup is green.")
    assert none.checker.check(none.text(boxes="pixels")) == []
    assert none.checker.check("There are no cups.")


def test_the_claim_that_is_named_is_the_one_that_is_wrong(told: Told):
    [claim] = told.checker.check("There are three cups. The first cup is blue. The sign reads “EXIT 12”.")
    assert "blue" in claim.text
    assert "first cup" in "The first cup is blue"


def test_what_is_so_in_one_pass_of_a_loop_is_not_said_of_another(tell: Teller):
    boxes = picture(thing("box", 10, side=40), thing("box", 100, side=40), thing("ball", 20, 50))
    told = tell("return any(len(b.find('ball')) == 2 for b in image.find('box'))", boxes)
    assert (
        told.checker.check("In the first box, there is one ball. In the second box, there are no balls.")
        == []
    )
    assert told.checker.check("In the first box, there are no balls.")
    assert told.checker.check("The second box has one ball.")


def test_the_question_may_be_repeated_but_not_claimed(tell: Teller):
    told = tell("return image.exists('dog')", TABLE, question="Is there a dog near the cup?")
    assert told.checker.check("The question asks whether there is a dog near the cup.") == []
    assert told.checker.check("The question is about a dog near the cup.") == []
    assert told.checker.check("To determine whether a dog is near the cup, I look. There are no dogs.") == []
    assert told.checker.check("I check whether there is a dog near the cup, but there isn't.") == []
    assert (
        told.checker.check("I check whether the image shows a dog near the cup. So the answer is no.") == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "There is a dog near the cup.",
        "The image says there is a dog near the cup. So the answer is no.",
        "I check and there is a dog near the cup.",
        "I check, there is a dog near the cup.",
        "There is a dog near the cup as needed.",
        "There is a dog near the cup if needed.",
        "As asked, there is a dog near the cup.",
        "As the question asks, there is a dog near the cup.",
        "If you look closely there is a dog near the cup.",
        "I check whether there is a dog near the cup, and there is. So the answer is no.",
        "The question asks if there is a dog near the cup. It is so.",
    ],
)
def test_a_word_about_the_question_makes_no_claim_true(tell: Teller, text: str):
    told = tell("return image.exists('dog')", TABLE, question="Is there a dog near the cup?")
    assert told.checker.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "So the answer for 5 dogs is 2.",
        "The answer for four cups is 2.",
        "The answer for green cups: 2",
        "So the answer does not = 2.",
    ],
)
def test_what_stands_between_the_answer_and_its_name_is_checked_too(text: str, told: Told):
    claims = told.checker.check(text)
    assert claims
    assert all(text[claim.start : claim.end] == claim.text for claim in claims)


@pytest.mark.parametrize("gap", ["", " to the question", " therefore", " for the cups"])
def test_what_stands_there_may_follow(gap: str, told: Told):
    text = f"There are three cups, so the answer{gap} is 2."
    assert told.checker.check(text) == []
    assert states_answer(text, "2")


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("So the answer is 2.", True),
        ("The answer is two.", True),
        ("The answer is 3.", False),
        ("There are 2.", False),
    ],
)
def test_whether_a_rationale_ends_with_the_answer(text: str, stated: bool):
    assert states_answer(text, "2") == stated


def test_the_templates_are_never_refused():
    for run in runs():
        facts = find_facts(run.example, run.candidate.program, run.execution)
        sizes = [(image.width, image.height) for image in run.example.images]
        checker = Checker(facts, run.example, run.candidate.program)
        for boxes in ("none", "pixels", "relative"):
            text = compose(facts, run.example.id, sizes, boxes)
            assert checker.check(text) == [], text


def test_hostile_text_is_read_as_text(told: Told):
    for text in ("", "“", "[[[[", "a" * 20_000, "not " * 2_000, "1,2,3," * 500, "\x00\u202e"):
        told.checker.check(text)
