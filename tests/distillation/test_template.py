"""Templates: each construct of a program in English that can be read aloud."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.distillation.gold_programs import runs
from tests.distillation.small_worlds import Teller, picture, thing
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.facts.words import article, counted, listed, ordinal, plural, singular
from vpd.distillation.rationale.composition import compose

TABLE = picture(
    thing("cup", 10, properties=("red",), depth=3.0),
    thing("cup", 50, 20, properties=("blue",), depth=1.0, answers={"What color is the cup?": "blue"}),
    thing("cup", 90, side=20, properties=("red",), depth=2.0),
    thing("box", 120, 30, side=40),
    thing("ball", 130, 50, properties=("red",)),
)  # fmt: skip

CONSTRUCTS = {
    "count": ("return len(image.find('cup'))", "there are three cups"),
    "presence": ("return image.exists('ball')", "there is a ball"),
    "absence": ("return not image.exists('dog')", "there are no dogs"),
    "filter": (
        "return len([c for c in image.find('cup') if c.verify_property('cup', 'red')])",
        "the first and third cups are red, but the second cup is not red",
    ),
    "none": (
        "return any(c.verify_property('cup', 'green') for c in image.find('cup'))",
        "none of the three cups is green",
    ),
    "left of": (
        "return image.find('cup')[0].horizontal_center < image.find('box')[0].horizontal_center",
        "the first cup is to the left of the box",
    ),
    "not above": (
        "return image.find('box')[0].vertical_center > image.find('cup')[1].vertical_center",
        "the box is not above the second cup",
    ),
    "wholly left": (
        "return image.find('cup')[0].right < image.find('box')[0].left",
        "the first cup is entirely to the left of the box",
    ),
    "nearest": (
        "cup = min(image.find('cup'), key=lambda p: p.compute_depth())\nreturn cup.verify_property('cup', 'blue')",
        "the nearest cup is blue",
    ),
    "sorted": (
        "cups = sorted(image.find('cup'), key=lambda c: c.vertical_center)\n"
        "return cups[-1].verify_property('cup', 'red')",
        "the topmost cup is not red",
    ),
    "some of all": (
        "red = [c for c in image.find('cup') if c.verify_property('cup', 'red')]\n"
        "return max(red, key=lambda c: c.width).left",
        "of the first and third cups, the third cup is the widest",
    ),
    "more than": ("return len(image.find('cup')) > len(image.find('ball'))", "there are more cups than balls"),
    "at least": ("return len(image.find('cup')) >= 2", "there are three cups, which is at least two"),
    "not so many": ("return len(image.find('cup')) == 2", "there are three cups, not two"),
    "sum": ("return len(image.find('cup')) + len(image.find('ball'))", "three plus one is four"),
    "difference": ("return len(image.find('cup')) - 1", "three minus one is two"),
    "loop": (
        "n = 0\nfor b in image.find('box'):\n    if len(b.find('ball')) == 1:\n        n += 1\nreturn n == 1",
        "altogether, that makes exactly one such box",
    ),
    "gap": (
        "a, b, _ = image.find('cup')\nreturn abs(a.lower - b.lower) > 5",
        "the gap between the bottom edges of the first cup and the second cup is 20 pixels, more than 5 pixels",
    ),
    "closer": (
        "a, b, _ = image.find('cup')\nreturn a.compute_depth() < b.compute_depth()",
        "the first cup is not closer to the camera than the second cup",
    ),
    "question": ("return image.find('cup')[1].simple_query('What color is the cup?')", "the second cup is blue"),
    "choice": (
        "return image.find('cup')[1].best_text_match(['red', 'blue'])",
        "the second cup is blue",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("program", "statement"), CONSTRUCTS.values(), ids=CONSTRUCTS)
def test_a_construct_is_put_in_english(program: str, statement: str, tell: Teller):
    assert statement in tell(program, TABLE, choices=("red", "blue")).statements


def test_a_frame_is_named_by_its_place(tell: Teller):
    shows = picture(thing("dog", 20, answers={"What is the dog doing?": "running"}), properties=("a dog",))
    program = "frame = video.select_frames('a dog')[0]\nreturn frame.find('dog')[0].left"
    told = tell(program, picture(), shows, video=True)
    assert told.statements[:2] == [
        "frame 2 of the video fits “a dog” best",
        "there is one dog in the second frame",
    ]


def test_of_frames_that_were_not_looked_at_nothing_is_said(tell: Teller):
    frames = [picture(), picture(), picture(thing("dog", 20)), picture()]
    told = tell("return any(f.exists('dog') for f in video.frame_iterator())", *frames, video=True)
    assert told.statements[0] == "there is a dog in the third frame, but in none of the frames before it"


def test_of_several_images_each_is_named(tell: Teller):
    one, two = picture(thing("dog", 20)), picture(thing("dog", 20), thing("dog", 60))
    told = tell("return len(images[0].find('dog')) == len(images[1].find('dog'))", one, two)
    assert "one dog in the first image" in told.text()
    assert "two dogs in the second image" in told.text()


def test_text_is_quoted(tell: Teller):
    sign = picture(thing("sign", 20), lines=[{"text": "EXIT", "box": (20, 40, 30, 50)}])
    told = tell("return image.find('sign')[0].read_text()", sign)
    assert told.statements[1] == "the text in the sign reads “EXIT”"


def test_regions_are_given_with_boxes_once_where_these_are_asked_for(tell: Teller):
    told = tell("return image.find('box')[0].left > image.find('ball')[0].left", TABLE)
    assert told.text(boxes="pixels").count("[120, 30, 160, 70]") == 1
    assert told.text(boxes="relative").count("[600, 300, 800, 700]") == 1
    assert "[" not in told.text()


def test_where_boxes_are_given_things_are_counted_behind_them(tell: Teller):
    told = tell("return len(image.find('box'))", picture(thing("box", 10), thing("box", 50)))
    assert "boxes, at [10, 40, 20, 50] and [50, 40, 60, 50], two boxes in all." in told.text(boxes="pixels")
    assert "two boxes. " in told.text()


def test_what_is_picked_out_of_several_is_given_with_its_box_once_more(tell: Teller):
    picked = """
boxes = sorted(image.find('box'), key=lambda box: box.compute_depth())
return str(boxes[0].verify_property('box', 'red'))
"""
    boxes = picture(thing("box", 10, depth=2.0), thing("box", 50, depth=1.0, properties=("red",)))
    text = tell(picked, boxes).text(boxes="pixels")
    assert text.count("[50, 40, 60, 50]") == 2, text
    assert "the nearest box [50, 40, 60, 50] is red" in text


CUPS = picture(
    thing("cup", 10, properties=("red",), depth=3.0),
    thing("cup", 50),
    thing("cup", 90, properties=("red",), depth=2.0, answers={"What is in it?": "tea"}),
)


def test_where_boxes_are_given_only_what_passed_is_said(tell: Teller):
    told = tell("return len([c for c in image.find('cup') if c.verify_property('cup', 'red')])", CUPS)
    text = told.text(boxes="pixels")
    assert text.startswith(
        "There are cups that are red, at [10, 40, 20, 50] and [90, 40, 100, 50], two such cups in all."
    )
    assert "second cup is not red" in told.text()
    blue = tell("return len([c for c in image.find('cup') if c.verify_property('cup', 'blue')])", CUPS)
    assert blue.text(boxes="pixels").startswith("No cup is blue.")


@pytest.mark.parametrize(
    "program",
    [
        "return len([c for c in image.find('cup') if not c.verify_property('cup', 'red')])",
        "return all(c.verify_property('cup', 'red') for c in image.find('cup'))",
        "return len([c for c in image.find('cup') if not c.verify_property('cup', 'red')]) == 1",
    ],
)
def test_what_failed_is_said_where_the_answer_hangs_on_it(tell: Teller, program: str):
    told = tell(program, CUPS)
    text = told.text(boxes="pixels")
    assert "cup [50, 40, 60, 50] is not red" in text, text
    assert told.checker.check(text) == []


def test_where_boxes_are_given_they_stand_for_first_and_second(tell: Teller):
    chosen = """
red = [c for c in image.find('cup') if c.verify_property('cup', 'red')]
red.sort(key=lambda cup: cup.compute_depth())
return red[0].simple_query('What is in it?')
"""
    text = tell(chosen, CUPS).text(boxes="pixels")
    assert "of these, the nearest is the cup [90, 40, 100, 50]" in text, text
    assert "first" not in text
    assert "third" not in text


def test_a_rationale_ends_with_the_answer_and_can_be_read_aloud():
    for run in runs():
        facts = find_facts(run.example, run.candidate.program, run.execution)
        sizes = [(image.width, image.height) for image in run.example.images]
        text = compose(facts, run.example.id, sizes)
        assert text.endswith(f"answer is {run.execution.answer}."), text
        assert not re.search(r"  |\b(\w+) \1\b|[_{}<>]|\bNone\b| a [aeio]", text), text
        assert all(sentence[:1].isupper() or not sentence[:1].isalpha() for sentence in text.split(". "))


def test_the_seed_varies_the_words_and_nothing_else_does(tell: Teller):
    told = tell("return len(image.find('cup')) >= 2", TABLE)
    texts = {told.text(seed=str(seed)) for seed in range(20)}
    assert len(texts) >= 4
    assert told.text(seed="3") == told.text(seed="3")


@given(st.integers(1, 400))
def test_ordinals_end_as_they_are_spoken(place: int):
    text = ordinal(place)
    if place > 12:
        last = {"1": "st", "2": "nd", "3": "rd"}.get(str(place)[-1], "th")
        assert text == f"{place}{'th' if place % 100 in (11, 12, 13) else last}"


@given(st.sampled_from(["cup", "box", "knife", "person", "cherry", "red bus", "child", "cup of tea"]))
def test_plural_and_singular_undo_each_other(noun: str):
    assert singular(plural(noun)) == noun


def test_small_words():
    assert [counted(n, "fox") for n in (0, 1, 2)] == ["no foxes", "one fox", "two foxes"]
    assert [article(noun) for noun in ("cat", "apple", "uniform", "hour")] == [
        "a cat",
        "an apple",
        "a uniform",
        "an hour",
    ]
    assert [listed("abc"[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


def test_what_was_asked_twice_is_said_once(tell: Teller):
    """Neighbouring passes of a loop look at the same cup."""
    told = tell(
        """
cups = image.find('cup')
for a, b in zip(cups, cups[1:]):
    if a.verify_property('cup', 'green') or b.verify_property('cup', 'green'):
        return 'yes'
return 'no'
""",
        TABLE,
    )
    assert told.text().lower().count("the second cup is not green") == 1
    assert told.checker.check(told.text()) == []
