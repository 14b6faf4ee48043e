"""Scores, intervals and comparisons; a failure is never right, by any metric."""

from typing import get_args

import numpy as np
import pytest

from vpd.evaluation.benchmark import MetricName
from vpd.evaluation.comparison import compare
from vpd.evaluation.records import Item, Prediction
from vpd.evaluation.scoring import Answered, score
from vpd.records import AnswerType, Example


def answered(
    answers: list[tuple[str | None, str]],
    answer_type: AnswerType = "open",
    choices: tuple[str, ...] = (),
    correct: int | None = None,
    references: int = 1,
    probabilities: list[float | None] | None = None,
    first: int = 0,
) -> list[Answered]:
    """Predictions with their references, numbered from `first`."""
    made: list[Answered] = []
    for number, (said, reference) in enumerate(answers):
        example = Example(
            id=str(first + number),
            images=(),
            question="?",
            answers=(reference,) * references,
            answer_type=answer_type,
            choices=choices,
        )
        item = Item(example=example, correct=correct)
        prediction = Prediction(
            question_id=item.id,
            asked=item.digest,
            status="no_answer" if said is None else "ok",
            answer=said,
            probability_yes=probabilities[number] if probabilities else None,
        )
        made.append(Answered(item, prediction))
    return made


@pytest.mark.parametrize("metric", get_args(MetricName))
def test_what_failed_is_never_right(metric: MetricName):
    # References that an absent answer might be mistaken for.
    references = ["no", "no", "yes"] if metric in ("yes_no", "auroc") else ["0"] * 3
    choices = ("0",) if metric == "circular" else ("0", "1")
    failed = answered([(None, each) for each in references], choices=choices, correct=0, references=10)
    scores = score(metric, failed)
    assert scores.each.tolist() == [0.0] * len(scores.ids)
    assert scores.value() == 0.0


@pytest.mark.parametrize(
    ("answer_type", "said", "reference", "right"),
    [
        ("yes_no", "Yes, it is", "yes", True),
        ("yes_no", "no", "yes", False),
        ("number", "three", "3", True),
        ("number", "13", "3", False),
        ("choice", "B", "blue", True),
        ("choice", "blue", "blue", True),
        ("choice", "A", "blue", False),
        ("open", "the Cats", "cat", True),
        ("open", "dog", "cat", False),
    ],
)
def test_a_users_own_answers_are_judged_by_their_type(
    answer_type: AnswerType, said: str, reference: str, right: bool
):
    (score_of,) = score("same_answer", answered([(said, reference)], answer_type, ("red", "blue"))).each
    assert score_of == right


def test_ten_references_are_votes():
    rows = answered([("the cat", "cat")], references=10)
    example = rows[0].item.example.model_copy(update={"answers": ("cat", "cat", *["dog"] * 8)})
    voted = Answered(rows[0].item.model_copy(update={"example": example}), rows[0].prediction)
    assert score("same_answer", [voted]).value() == pytest.approx(0.6)


def test_auroc_takes_the_probability_that_the_model_gave():
    rows = answered(
        [("yes", "yes"), ("no", "yes"), ("no", "no"), ("no", "no")], probabilities=[0.9, 0.4, 0.3, 0.1]
    )
    assert score("auroc", rows).value() == 1.0
    assert score("auroc", rows).figures == {"accuracy": 0.75}


def test_what_is_neither_yes_nor_no_is_wrong():
    rows = answered([("a meme", "yes"), ("a meme", "no")])
    assert score("auroc", rows).figures == {"accuracy": 0.0}


def test_without_both_classes_there_is_no_auroc():
    labels = ["yes"] * 3 + ["no"] * 3
    whole, one_class = (score("auroc", answered([(x, x) for x in each])) for each in (labels, ["yes"] * 3))
    assert np.isnan(one_class.interval()).all()
    assert whole.interval() == (1.0, 1.0, 1.0)  # resamples of one class are left out
    found = compare(one_class, one_class)
    assert found is not None
    assert np.isnan(found.difference.estimate)


def rotations(*said: tuple[int, str]) -> list[Answered]:
    """Answers to rotations of questions with two options, by their index; the first option is correct."""
    return [
        answered([(letter, "x")], "choice", choices=("x", "y"), correct=0, first=index)[0]
        for index, letter in said
    ]


def test_circular_accuracy_asks_for_every_rotation():
    scores = score("circular", rotations((7, "A"), (1_000_007, "A"), (8, "A"), (1_000_008, "B")))
    assert dict(zip(scores.ids, scores.each, strict=True)) == {"7": 1.0, "8": 0.0}
    assert scores.figures == {"accuracy of single rotations": 0.75}
    assert scores.by_answer == {"7": 1.0, "1000007": 1.0, "8": 1.0, "1000008": 0.0}


def test_a_question_of_which_a_rotation_was_not_asked_is_not_part_of_circular_accuracy():
    scores = score("circular", rotations((7, "A"), (8, "B"), (1_000_008, "A")))
    assert scores.ids == ("8",)
    none = score("circular", rotations((7, "A")))
    assert np.isnan(none.interval()).all()
    assert none.figures == {"accuracy of single rotations": 1.0}
    assert compare(none, scores) is None


def test_multiple_choice_needs_to_know_the_correct_option():
    with pytest.raises(ValueError, match="0 does not say which of its options is correct"):
        score("multiple_choice", answered([("A", "x")], choices=("x", "y")))


@pytest.mark.parametrize(("metric", "reference"), [("yes_no", "-1"), ("auroc", "-1"), ("count", "many")])
def test_a_reference_that_the_metric_cannot_read_is_said(metric: MetricName, reference: str):
    with pytest.raises(ValueError, match=f"the reference of 0 is '{reference}'"):
        score(metric, answered([("yes", reference)]))


def test_where_all_are_right_the_interval_still_says_how_few_they_were():
    all_right = score("exact_match", answered([("a", "a")] * 10))
    assert all_right.interval() == pytest.approx((1.0, 0.6915, 1.0), abs=1e-4)  # Clopper and Pearson
    none = score("exact_match", answered([("b", "a")] * 10))
    assert none.interval() == pytest.approx((0.0, 0.0, 0.3085), abs=1e-4)


def test_the_interval_of_f1_holds_its_estimate():
    rows = answered([("yes", "yes")] * 30 + [("yes", "no")] * 10 + [("no", "yes")] * 20 + [("no", "no")] * 40)
    interval = score("yes_no", rows).interval()
    assert interval.estimate == pytest.approx(2 * 30 / (40 + 50))
    assert interval.low < interval.estimate < interval.high


def test_systems_are_compared_on_the_questions_that_both_were_asked():
    first = score("exact_match", answered([("a", "a")] * 6 + [("b", "a")] * 4))
    second = score("exact_match", answered([("a", "a")] * 3 + [("b", "a")] * 5, first=2))
    found = compare(first, second)
    assert found is not None
    # Questions 2 to 9: the first is right on 2-5, the second on 2-4.
    assert found.questions == 8
    assert found.difference.estimate == pytest.approx(1 / 8)
    assert (found.test.only_first, found.test.only_second) == (1, 0)


def test_a_difference_of_f1_is_that_of_the_two():
    labels = ["yes", "no"] * 20
    first = score("yes_no", answered([(label, label) for label in labels]))
    second = score("yes_no", answered([("yes", label) for label in labels]))
    found = compare(first, second)
    assert found is not None
    assert found.difference.estimate == pytest.approx(1 - 2 / 3)
    assert found.difference.low > 0
    assert found.test.only_first == 20


def test_systems_without_a_common_question_are_not_compared():
    first, second = (score("exact_match", answered([("a", "a")], first=n)) for n in (0, 5))
    assert compare(first, second) is None


def test_categories_have_their_own_intervals():
    rows = answered([("a", "a"), ("b", "a"), ("a", "a"), ("b", "a")])
    rows = [
        Answered(each.item.model_copy(update={"category": name}), each.prediction)
        for each, name in zip(rows, ["x", "x", "y", "x"], strict=True)
    ]
    found = score("exact_match", rows).by_category()
    assert {name: each.estimate for name, each in found.items()} == {"x": pytest.approx(1 / 3), "y": 1.0}
    assert np.isfinite([each.low for each in found.values()]).all()
