"""Agreement between people against published figures and scikit-learn; what judgments of a blind page say."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vpd.errors import UserError
from vpd.evaluation.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from vpd.evaluation.human import (
    Judgment,
    Key,
    KeyItem,
    Side,
    agreement,
    draw,
    key,
    read_judgments,
    results,
)
from vpd.evaluation.records import Item, Prediction
from vpd.records import Example

LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30)


@given(LABELS)
@settings(max_examples=20)
def test_cohens_kappa_is_scikit_learns(pairs: list[tuple[str, str]]):
    metrics = pytest.importorskip("sklearn.metrics")
    first, second = (list(labels) for labels in zip(*pairs, strict=True))
    ours = cohen_kappa(first, second)
    if len({*first, *second}) == 1:
        assert ours is None
    else:
        assert ours == pytest.approx(metrics.cohen_kappa_score(first, second))


def test_fleiss_kappa_on_the_usual_example():
    # Fourteen raters, ten things, five categories; the table of the article on Fleiss' kappa in Wikipedia.
    counts = [
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    ]  # fmt: skip
    things = [[label for label, count in enumerate(row) for _ in range(count)] for row in counts]
    assert fleiss_kappa(things) == pytest.approx(0.210, abs=5e-4)


def test_krippendorffs_alpha_on_his_examples():
    # Computing Krippendorff's Alpha-Reliability (2011): B, two observers and binary data; C, four with gaps.
    first, second = "0100000000", "1110010010"
    assert krippendorff_alpha(list(zip(first, second, strict=True))) == pytest.approx(0.095, abs=5e-4)
    a, b, c, d = "123321412...", "1233224125.3", ".3332342251.", "12332441251."
    assert krippendorff_alpha(_gaps(a, b, c, d)) == pytest.approx(0.743, abs=5e-4)


def _gaps(*observers: str) -> list[str]:
    """What was said of each thing; a full stop is a gap."""
    return ["".join(labels).replace(".", "") for labels in zip(*observers, strict=True)]


def test_krippendorffs_alpha_of_two_and_of_gaps():
    # By hand: labels aa, ab, bb and a lone one that does not count. 3 a and 3 b of n = 6; observed 2, expected 18.
    assert krippendorff_alpha(["aa", "ab", "bb", "a"]) == pytest.approx(1 - 5 * 2 / 18)


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=2, max_size=4), min_size=1, max_size=12))
def test_those_who_always_say_the_same_agree_wholly_or_tell_nothing(things: list[list[str]]):
    same = [[labels[0]] * len(labels) for labels in things]
    assert krippendorff_alpha(same) in (1.0, None)


def test_nothing_judged_tells_nothing():
    assert cohen_kappa([], []) is None
    assert fleiss_kappa([]) is None
    assert krippendorff_alpha([]) is None
    with pytest.raises(ValueError, match="same number of labels"):
        fleiss_kappa(["aa", "a"])


def items(count: int) -> dict[str, Item]:
    made = (Item(example=Example(id=f"q{i}", images=(), question="?")) for i in range(count))
    return {item.id: item for item in made}


def said(found: dict[str, Item], text: str, but: str = "") -> dict[str, Prediction]:
    return {
        identity: Prediction(
            question_id=identity,
            asked=item.digest,
            status="no_answer" if identity == but else "ok",
            answer=None if identity == but else text,
        )
        for identity, item in found.items()
    }


def test_the_same_seed_draws_the_same_page_and_the_sides_are_even():
    found = items(50)
    pages = [draw(found, said(found, "a"), said(found, "b"), 20, seed) for seed in (1, 1, 2)]
    assert pages[0] == pages[1]
    assert pages[0] != pages[2]
    assert sum(pair.swapped for pair in pages[0]) == 10


def test_only_what_both_answered_is_judged():
    found = items(3)
    pairs = draw(found, said(found, "a", but="q0"), said(found, "b", but="q1"), 20, 0)
    assert [pair.item.id for pair in pairs] == ["q2"]
    with pytest.raises(UserError, match="no question that both systems answered"):
        draw(items(1), said(items(1), "a", but="q0"), said(items(1), "b"), 20, 0)


PAGE = Key(
    page="p",
    benchmark="own",
    systems=("student", "twin"),
    items=(
        KeyItem(question_id="q0", left="student", right="twin"),
        KeyItem(question_id="q1", left="twin", right="student"),
    ),
)


def judgment(rater: str, item: int, left: str, right: str) -> Judgment:
    """Sides as three letters, y or n, for the three axes."""
    sides = [
        Side(correct=letters[0] == "y", factual=letters[1] == "y", consistent=letters[2] == "y")
        for letters in (left, right)
    ]
    return Judgment(page="p", rater=rater, item=item, left=sides[0], right=sides[1])


def test_judgments_are_given_to_the_systems_that_stood_there():
    judgments = [
        judgment("ann", 0, "yyn", "nyn"),  # student right, twin wrong
        judgment("bob", 0, "yyn", "yyn"),
        judgment("ann", 1, "nny", "yny"),  # twin wrong, student right
    ]
    correct, factual, consistent = results(PAGE, judgments)
    assert [each.estimate for each in correct.shares] == [1.0, 0.25]  # twin: half of q0, none of q1
    assert correct.difference.estimate == pytest.approx(0.75)
    assert (correct.wins, correct.ties) == ((2, 0), 1)
    assert (factual.wins, factual.ties) == ((0, 0), 3)
    assert [each.estimate for each in consistent.shares] == [0.5, 0.5]


def test_agreement_counts_what_several_have_judged():
    judgments = [
        judgment("ann", 0, "yyy", "nyy"),
        judgment("bob", 0, "yyy", "yyy"),
        judgment("ann", 1, "nyy", "yyy"),
    ]
    correct, factual, _ = agreement(PAGE, judgments)
    assert (correct.things, correct.same) == (2, 0.5)
    assert correct.cohen == pytest.approx(0.0)
    assert (factual.same, factual.cohen, factual.alpha) == (1.0, None, None)


def test_results_are_read_and_the_last_word_counts(tmp_path: Path):
    lines = [
        judgment("ann", 0, "nnn", "nnn"),
        judgment("ann", 0, "yyy", "nnn"),
        judgment("bob", 1, "nnn", "yyy"),
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(each.model_dump_json() + "\n" for each in lines))
    assert read_judgments([path], PAGE) == [lines[1], lines[2]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{}", "a.jsonl, line 1: this is no judgment"),
        ("nonsense", "a.jsonl, line 1: this is no judgment"),
        (
            judgment("a", 0, "yyy", "yyy").model_copy(update={"page": "other"}).model_dump_json(),
            "another page",
        ),
        (judgment("a", 7, "yyy", "yyy").model_dump_json(), "another page"),
        ("", "hold no judgments"),
    ],
)
def test_what_is_no_result_of_the_page_is_said(tmp_path: Path, text: str, complaint: str):
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    with pytest.raises(UserError, match=complaint):
        read_judgments([path], PAGE)


def test_a_page_is_known_by_what_it_shows():
    found = items(6)
    pairs = draw(found, said(found, "a"), said(found, "b"), 6, 0)
    first, other = key("own", ("a", "b"), pairs), key("own", ("b", "a"), pairs)
    assert first.page != other.page
    trained = draw(found, said(found, "c"), said(found, "b"), 6, 0)
    assert key("own", ("a", "b"), trained).page != first.page
    assert json.loads(first.model_dump_json())["items"][0].keys() == {"question_id", "left", "right"}
