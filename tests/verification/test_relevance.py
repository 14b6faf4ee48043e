"""Does a program look for what the question speaks of?"""

import pytest

from tests.verification.programs import example
from vpd.verification.relevance import from_json, relevance
from vpd.verification.terms import lacking, terms


def program(body: str) -> str:
    return f"def execute_command(image):\n    {body}\n"


def about(question: str, body: str):
    return relevance(program(body), example(question, None, "open"))


def test_a_program_that_looks_for_just_that_has_nothing_missing_and_nothing_foreign():
    found = about("How many red cubes are there?", 'return len(image.find("red cube"))')
    assert (found.missing, found.foreign, found.wrong_sides, found.verbatim) == ((), (), False, False)


@pytest.mark.parametrize(
    ("question", "body"),
    [
        ("How many large grey blocks are there?", 'return len(image.find("big gray block"))'),
        ("How many people are there?", 'return len(image.find("person"))'),
        ("Is there a sofa?", 'return image.exists("couch")'),
        ("How many vehicles are there?", 'return len(image.find("car")) + len(image.find("bus"))'),
        (
            "What colour is the cube?",
            'return image.find("cube")[0].best_text_match(["red", "blue", "green"])',
        ),
        ("Is the cube made of wood?", 'return image.find("cube")[0].verify_property("cube", "wooden")'),
        ("What does the sign say?", "return image.read_text()"),
    ],
)
def test_other_words_for_the_same_are_the_same(question: str, body: str):
    found = about(question, body)
    assert (found.missing, found.foreign) == ((), ())


def test_an_attribute_that_is_not_looked_for_is_missing():
    assert about("How many red cubes are there?", 'return len(image.find("cube"))').missing == ("red",)


def test_a_condition_that_the_question_does_not_make_is_foreign():
    found = about(
        "How many cubes are there?", 'return len(image.find("cube")) if image.exists("cone") else 0'
    )
    assert found.foreign == ("cone",)


def test_alternatives_that_a_program_goes_through_are_no_conditions():
    body = 'return len(image.find("red cube") + image.find("blue cube") + image.find("green cube"))'
    assert about("How many cubes are there?", body).foreign == ()
    assert (
        about("How many objects?", 'return sum(len(image.find(x)) for x in ["cup", "cat", "car"])').foreign
        == ()
    )


def test_keywords_by_which_text_is_parsed_are_no_conditions():
    body = 'return [x for x in image.read_text().split() if "subtotal" not in x][0]'
    assert about("What is the total?", body).foreign == ()


@pytest.mark.parametrize(
    ("condition", "missing", "foreign"),
    [
        ('len(image.find_text("EARTH")) > 0', (), ()),
        ('"EARTH" in image.read_text().upper()', (), ()),
        ('len(image.find_text("EOFR")) > 0', ("earth",), ("eofr",)),
        ('"EOFR" in image.read_text().upper()', ("earth",), ("eofr",)),
        ('"earth" in image.read_text().lower() or "ground" in image.read_text().lower()', (), ()),
    ],
)
def test_a_word_to_be_read_is_looked_for_also_within_a_comparison(
    condition: str, missing: tuple[str, ...], foreign: tuple[str, ...]
):
    found = about("Is there a sign that says EARTH?", f"return bool_to_yesno({condition})")
    assert (found.missing, found.foreign) == (missing, foreign)


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ('return image.find("cube")[1].simple_query("What colour is it?")', True),
        ('return min(image.find("cube"), key=lambda c: c.left).simple_query("What colour is it?")', False),
        (
            'return image.find("cube")[0].simple_query("What colour is it?")',
            False,
        ),  # found from left to right
    ],
)
def test_a_side_that_the_question_speaks_of_must_be_looked_at(body: str, missing: bool):
    found = about("What colour is the leftmost cube?", body)
    assert ("axis:horizontal" in found.missing) is missing


def test_a_question_that_is_handed_on_whole_is_told():
    question = "What is the woman on the left holding in her hand?"
    assert about(question, f"return image.simple_query({question!r})").verbatim
    assert not about(question, 'return image.find("woman")[0].simple_query("What is she holding?")').verbatim


@pytest.mark.parametrize(
    ("question", "body", "wrong"),
    [
        ("Which is the leftmost cube?", 'return min(image.find("cube"), key=lambda c: c.left)', False),
        ("Which is the leftmost cube?", 'return max(image.find("cube"), key=lambda c: c.left)', True),
        ("Which is the lowest cube?", 'return sorted(image.find("cube"), key=lambda c: c.lower)[-1]', True),
        (
            "Which is the lowest cube?",
            'return sorted(image.find("cube"), key=lambda c: c.lower, reverse=True)[-1]',
            False,
        ),
        ("Which cube is nearest?", 'return max(image.find("cube"), key=lambda c: c.compute_depth())', True),
    ],
)
def test_an_extreme_at_the_other_end_is_told(question: str, body: str, wrong: bool):
    assert about(question, body).wrong_sides is wrong


@pytest.mark.parametrize(
    ("sign", "question", "wrong"),
    [
        ("<", "Is the cube left of the ball?", False),
        (">", "Is the cube left of the ball?", True),
        (">", "Is the cube to the right of the ball?", False),
        ("<", "Is the ball to the right of the cube?", False),
        (">", "Is the ball to the right of the cube?", True),
        ("<", "Is the cube above the ball?", False),  # compares another axis
    ],
)
def test_a_comparison_the_other_way_round_is_told(sign: str, question: str, wrong: bool):
    body = (
        'a = image.find("cube")[0]\n    b = image.find("ball")[0]\n'
        f"    return bool_to_yesno(a.horizontal_center {sign} b.horizontal_center)"
    )
    assert about(question, body).wrong_sides is wrong


def test_it_survives_a_program_that_is_none():
    found = relevance("def", example("How many cubes?", None))
    assert found.missing == ("cube",)
    assert from_json(found.as_json()) == found


def test_terms_are_what_is_looked_for():
    assert terms("How many large red cubes are to the left of the two sofas?") == {
        "big",
        "red",
        "cube",
        "couch",
    }
    assert terms("a wooden spoon") == {"wood", "spoon"}


def test_a_kind_of_a_thing_can_stand_for_it():
    assert not lacking(frozenset({"dog"}), frozenset({"puppy"}))
    assert lacking(frozenset({"red", "dog"}), frozenset({"blue", "cat"})) == {"red", "dog"}


def test_how_a_number_is_formatted_is_no_condition():
    assert about("What is the total?", 'return f"{float(image.read_text()):.2f}"').foreign == ()


@pytest.mark.parametrize(
    ("question", "body", "told"),
    [
        ("How many cubes are there?", 'return len(image.find("cube")) - 1', True),
        ("How many cubes are there?", 'n = len(image.find("cube"))\n    return n + 1', True),
        ("How many other cubes are there?", 'return len(image.find("cube")) - 1', False),
        ("What colour is the last cube?", 'c = image.find("cube")\n    return c[len(c) - 1]', False),
        ("How many cubes are there?", 'return len(image.find("cube"))', False),
    ],
)
def test_a_count_that_is_corrected_without_reason_is_told(question: str, body: str, told: bool):
    assert about(question, body).corrected is told


def test_an_option_named_twice_is_told():
    ask = 'return image.best_text_match(["red", "{}", "green"])'
    assert about("What colour is it?", ask.format("red")).repeated
    assert not about("What colour is it?", ask.format("blue")).repeated


def test_a_text_that_is_none_of_the_choices_is_told():
    asked = example("Which is nearer?", None, "choice").model_copy(
        update={"choices": ("red cube", "blue cone")}
    )
    body = 'return "{}" if image.find("red cube")[0].left < 9 else "blue cone"'
    assert relevance(program(body.format("cube of wood")), asked).off_choice
    assert not relevance(program(body.format("red cube")), asked).off_choice
