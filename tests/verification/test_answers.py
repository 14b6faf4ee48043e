"""Answers against labels: what matches, what does not, and what is said about it."""

import pytest

from vpd.records import Example
from vpd.verification.answers import match


def question(*answers, type="open", choices=()):
    return Example(id="q", images=(), question="?", answers=answers, answer_type=type, choices=choices)


def correct(answer, example):
    return match(answer, example).correct


@pytest.mark.parametrize("answer", ["yes", "Yes.", "yes, it is", "true", "True"])
def test_a_yes_is_a_yes_however_it_is_put(answer):
    assert correct(answer, question("yes", type="yes_no"))
    assert not correct(answer, question("no", type="yes_no"))


@pytest.mark.parametrize("answer", ["no one", "not sure", "yes or no", "1", "", "cat"])
def test_what_is_neither_yes_nor_no_is_wrong_either_way(answer):
    assert not correct(answer, question("yes", type="yes_no"))
    assert not correct(answer, question("no", type="yes_no"))


@pytest.mark.parametrize("answer", ["3", "three", "3.0", "3 cats", "There are three.", "2.9999999999999996"])
def test_a_number_in_any_form(answer):
    assert correct(answer, question("3", type="number"))


@pytest.mark.parametrize("answer", ["2-3", "3 or 4", "about 3", "13", "3rd", "-3", "none", "many"])
def test_ranges_guesses_and_other_numbers_are_wrong(answer):
    assert not correct(answer, question("3", type="number"))


def test_no_failure_counts_as_zero():
    assert not any(correct(a, question("0", type="number")) for a in (None, "", "None", "none", "[]", "no"))
    assert correct("zero", question("0", type="number"))


@pytest.mark.parametrize("label", ["B", "blue", "(b)"])
@pytest.mark.parametrize("answer", ["B", "b)", "blue", "B. blue"])
def test_an_option_by_letter_or_text_on_either_side(answer, label):
    assert correct(answer, question(label, type="choice", choices=("red", "blue")))


def test_a_letter_that_contradicts_its_text_is_wrong():
    assert not correct("B. red", question("B", type="choice", choices=("red", "blue")))
    assert not correct("B. red", question("A", type="choice", choices=("red", "blue")))


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("The cables.", "cable"),
        ("grey", "gray"),
        ("RM 29.30", "29.30"),
        ("5 JUN 2018", "05/06/18"),
        ("nope", "no"),
    ],
)
def test_open_answers_in_another_form(answer, label):
    assert correct(answer, question(label))


@pytest.mark.parametrize("answer", [None, "", "  ", "\u200b", "\n"])
@pytest.mark.parametrize("type", ["yes_no", "number", "choice", "open"])
def test_nothing_is_never_an_answer(answer, type):
    found = match(answer, question("", "no", "0", "A", "none", type=type))

    assert found == (False, 0.0, None, 'gave no answer; the labels are "", "no", "0" and 2 more')


def test_without_a_label_nothing_is_correct():
    assert match("yes", question()) == (False, 0.0, None, "there is no label to compare with")


def test_a_label_that_is_not_of_its_type_is_compared_as_text():
    assert correct("2 or 3", question("2 or 3", type="number"))
    assert correct("Maybe", question("maybe", type="yes_no"))
    assert correct("yellow", question("yellow", type="choice", choices=("red", "blue")))


def test_fewer_than_ten_references_are_alternatives():
    assert match("sofa", question("couch", "sofa", "settee")) == (
        True,
        1.0,
        "sofa",
        'said "sofa", the label is "sofa"',
    )


@pytest.mark.parametrize(
    ("votes", "score", "right"), [(1, 0.3, False), (2, 0.6, True), (3, 0.9, True), (4, 1, True)]
)
def test_ten_references_are_votes_and_two_make_an_answer_correct(votes, score, right):
    found = match("Sofas", question(*["couch"] * (10 - votes), *["sofa"] * votes))

    assert found.score == pytest.approx(score)
    assert found.correct is right
    assert found.matched == "sofa"
    assert found.reason == f'said "Sofas", as did {votes} of 10 people'


def test_a_wrong_answer_and_its_label_are_named():
    assert match("2", question("3", type="number")).reason == 'said "2", the label is "3"'


@pytest.mark.parametrize(
    ("type", "fault"),
    [("yes_no", "neither yes nor no"), ("number", "not one number"), ("choice", "not one of the options")],
)
def test_an_answer_that_cannot_be_read_says_so(type, fault):
    reason = match("1 or 2", question("A", type=type, choices=("yes", "no"))).reason

    assert reason == f'said "1 or 2", which is {fault}; the label is "A"'


def test_a_long_answer_is_cut_in_the_reason():
    reason = match("very " * 1000, question("no")).reason

    assert len(reason) < 120
    assert "…" in reason
