"""What is usual in a run: luck, and the words that programs look for."""

from collections.abc import Sequence

from tests.verification.programs import example
from vpd.records import AnswerType, Evidence, Execution
from vpd.verification.builds import build
from vpd.verification.relevance import relevance
from vpd.verification.survey import Survey


def survey(
    rows: Sequence[tuple[str, str]],
    answer_type: AnswerType = "yes_no",
    question: str = "Is there a cube?",
    missing: Sequence[str] = (),
    program: str = "",
) -> Survey:
    """Of questions with one program each: label and answer."""
    counted = Survey()
    told = relevance(program, example(question, None))._replace(missing=tuple(missing), foreign=()).as_json()
    for number, (label, answer) in enumerate(rows):
        about = example(question, label, answer_type, str(number))
        execution = Execution(example_id=about.id, index=0, status="ok", answer=answer)
        counted.add(about, [execution], [Evidence(example_id=about.id, index=0, relevance=told)])
    return counted


YES_NO = example("Is there a cube?", "yes", "yes_no")


def test_without_data_a_yes_is_right_by_luck_half_of_the_time_and_a_word_hardly_ever():
    assert survey([]).chance(YES_NO, "yes").luck == 0.5
    assert survey([]).chance(example("What is it?", "cat", "open"), "cat").luck < 0.1


def test_luck_is_how_often_the_programs_of_a_source_answer_so():
    counted = survey([("no", "no")] * 90 + [("yes", "yes")] * 10)
    assert counted.chance(YES_NO, "no").luck > 0.8
    assert counted.chance(YES_NO, "yes").luck < 0.2


def test_answers_of_another_source_or_type_do_not_count():
    counted = survey([("no", "no")] * 90)
    other = YES_NO.model_copy(update={"source": "elsewhere"})
    assert counted.chance(other, "no").luck == 0.5


def test_programs_that_are_right_no_oftener_than_by_luck_have_hardly_understood_anything():
    guessing = survey([("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")] * 50)
    knowing = survey([("yes", "yes"), ("no", "no")] * 100)
    assert guessing.chance(YES_NO, "yes").prior < 0.2
    assert knowing.chance(YES_NO, "yes").prior > 0.9


def test_a_word_that_programs_usually_leave_out_is_usually_not_looked_for():
    counted = survey([("yes", "yes")] * 50, question="Is there a cube on the carpet?", missing=["carpet"])
    assert counted.looked_for("carpet") < 0.1
    assert counted.looked_for("cube") > 0.9


COUNT = 'def execute_command(image):\n    return len(image.find("cube"))\n'


def test_programs_built_alike_are_precedents_but_of_ones_own_question():
    counted = survey([("1", "1")] * 3 + [("1", "2")], "number", "How many cubes are there?", program=COUNT)
    alike = build(COUNT, frozenset({"cube"}))
    assert counted.precedents(alike, None) == (3, 1)
    assert counted.precedents(alike, True) == (2, 1)
    assert counted.precedents("another", None) == (0, 0)


def test_an_option_that_most_programs_offer_is_withheld():
    ask = 'def execute_command(image):\n    return image.best_text_match(["red", "blue", "green", "grey"])\n'
    counted = survey([("red", "red")] * 20, "open", "What colour is it?", program=ask)
    assert counted.withheld("tests", ("red", "blue", "green")) == ["grey"]
    assert counted.withheld("tests", ("red", "blue", "green", "grey")) == []
    assert counted.withheld("another source", ("red", "blue", "green")) == []
    assert counted.withheld("tests", ("small", "big")) == []
