"""Multiple choice, circular accuracy, yes/no and probabilities, by hand."""

import pytest

from vpd.evaluation.metrics.multiple_choice import picks, question_of
from vpd.evaluation.metrics.probability import auroc
from vpd.evaluation.metrics.yes_no import YesNoScores, read_prediction, yes_no_scores


def test_an_option_is_picked_by_letter_or_text():
    assert picks("B", ["red", "blue"], 1)
    assert picks("blue", ["red", "blue"], 1)
    assert not picks("A", ["red", "blue"], 1)
    assert not picks(None, ["red", "blue"], 1)


def test_letters_alone_where_the_options_stand_in_the_question():
    assert picks("(C)", (), 2)
    assert not picks("the blue one", (), 2)


def test_rotations_belong_to_one_question():
    assert [question_of(index) for index in (7, 8, 1_000_007, 1_000_008, 2_000_007)] == [7, 8, 7, 8, 7]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes, there is.", True),
        ("No.", False),
        ("There is not a dog", False),
        ("I see a dog. No cat", True),
        ("a dog", True),
        ("nothing", True),
        ("", None),
        (None, None),
    ],
)
def test_predictions_are_read_as_popes_script_does(text, said):
    assert read_prediction(text) is said


def test_popes_figures_by_hand():
    predictions = [True, True, True, False, False, None]
    labels = [True, True, False, True, False, False]

    scores = yes_no_scores(predictions, labels)

    assert scores == pytest.approx(
        YesNoScores(f1=2 / 3, accuracy=0.5, precision=2 / 3, recall=2 / 3, yes_ratio=0.5)
    )


def test_popes_figures_of_a_model_that_always_says_no():
    assert yes_no_scores([False] * 4, [True, True, False, False]) == (0, 0.5, 0, 0, 0)


def test_auroc_by_hand():
    assert auroc([True, True, False, False], [0.9, 0.8, 0.2, 0.1]) == 1
    assert auroc([True, True, False, False], [0.1, 0.2, 0.8, 0.9]) == 0
    assert auroc([True, False], [0.5, 0.5]) == 0.5
    assert auroc([True, True, False], [0.9, 0.3, 0.3]) == 0.75


@pytest.mark.parametrize(
    ("labels", "probabilities"), [([True, True], [0.1, 0.2]), ([True, False], [0.1, float("nan")])]
)
def test_auroc_of_what_has_none_is_refused(labels, probabilities):
    with pytest.raises(ValueError, match="AUROC needs"):
        auroc(labels, probabilities)
