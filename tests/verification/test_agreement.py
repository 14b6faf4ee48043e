"""The programs of a question as witnesses."""

from hypothesis import given
from hypothesis import strategies as st

from vpd.verification.agreement import Witness, standing


def witness(*answers: str, saw: str = "", credibility: float = 1.0) -> Witness:
    """The first answer is that about the image as it is, the others those in other worlds."""
    names = ["", *(f"world {n}" for n in range(1, len(answers)))]
    return Witness(dict(zip(names, answers, strict=True)), frozenset(saw), credibility)


def test_alone_nobody_says_anything():
    assert standing([witness("yes", "no")], 0) == (0.0, 0.0)


def test_those_who_agree_speak_for_an_answer_and_those_who_differ_against_it():
    assert standing([witness("yes", saw="a"), witness("yes", saw="b")], 0).here > 0
    assert standing([witness("yes", saw="a"), witness("no", saw="b")], 0).here < 0


def test_who_has_seen_something_else_says_more():
    same, other = witness("yes", saw="a"), witness("yes", saw="b")
    mine = witness("yes", saw="a")
    assert standing([mine, same], 0).here < standing([mine, other], 0).here


def test_a_guess_is_no_witness():
    assert standing([witness("yes", saw="a"), witness("yes", credibility=0.0)], 0).here == 0.0


def test_one_world_in_which_the_others_contradict_is_enough():
    others = [witness("yes", "no", "no", saw="b"), witness("yes", "no", "no", saw="c")]
    assert standing([witness("yes", "no", "no", saw="a"), *others], 0).otherwise > 0
    assert standing([witness("yes", "no", "yes", saw="a"), *others], 0).otherwise < 0


def test_a_world_in_which_nothing_happens_says_nothing():
    assert standing([witness("yes", "yes", saw="a"), witness("yes", "yes", saw="b")], 0).otherwise == 0.0


def test_a_world_of_which_one_knows_nothing_says_nothing_of_it():
    assert standing([witness("yes", "no", saw="a"), witness("yes", saw="b")], 0).otherwise == 0.0


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), st.sampled_from("xyz")),
        min_size=1,
        max_size=5,
    )
)
def test_the_order_of_the_witnesses_does_not_count(some: list[tuple[str, str, str]]):
    witnesses = [witness(here, there, saw=seen) for here, there, seen in some]
    forth = standing(witnesses, 0)
    back = standing([witnesses[0], *reversed(witnesses[1:])], 0)
    assert abs(forth.here - back.here) < 1e-9
    assert abs(forth.otherwise - back.otherwise) < 1e-9
