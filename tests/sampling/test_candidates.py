"""From replies to candidates: each reply is counted once, whatever it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sampling.samples import PROGRAM, candidate
from vpd.language_models import errors
from vpd.language_models.protocol import Completion
from vpd.records import Candidate, Usage
from vpd.sampling.candidates import distinct, from_error, from_reply

BLANK = candidate(program="")
VARIANTS = [PROGRAM.replace("cup", name) for name in ("cup", "mug", "jar")]


def reply(text: str, **fields: object) -> Completion:
    return Completion(text=text, finish_reason="stop", **fields)  # type: ignore[arg-type]


def test_a_reply_with_a_program_is_a_candidate_with_its_probability_and_tokens():
    usage = Usage(prompt_tokens=9, completion_tokens=2)
    found = from_reply(BLANK, reply(f"```python\n{PROGRAM}```", log_probabilities=(-1.0, -0.5), usage=usage))
    assert (found.program, found.log_probability, found.usage) == (PROGRAM, -1.5, usage)
    assert found.problem is found.problem_type is None


@pytest.mark.parametrize(
    ("completion", "problem"),
    [
        (reply("I cannot."), "no_program"),
        (Completion(text="no", finish_reason="refusal"), "refusal"),
        (Completion(text=" ", finish_reason="length"), "empty_reply"),
    ],
)
def test_a_reply_without_one_says_which_problem_it_has(completion: Completion, problem: str):
    found = from_reply(BLANK, completion)
    assert (found.program, found.problem_type) == ("", problem)
    assert found.problem


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (errors.ContextLengthError("x"), "context_length"),
        (errors.InvalidRequestError("x"), "invalid_request"),
        (errors.RefusalError("x"), "refusal"),
        (errors.ServerError("x"), "no_reply"),
        (errors.TimedOutError("x"), "no_reply"),
        (errors.ConnectionFailedError("x"), "no_reply"),
    ],
)
def test_so_does_a_request_without_a_reply(error: errors.RowError, problem: str):
    assert from_error(BLANK, error).problem_type == problem


samples = st.lists(
    st.builds(
        lambda program, tokens, p: candidate(
            program=program or "",
            usage=Usage(prompt_tokens=tokens, completion_tokens=1),
            log_probability=p,
            problem=None if program else "none",
            problem_type=None if program else "no_program",
        ),
        st.sampled_from([*VARIANTS, None]),
        st.integers(0, 99),
        st.none() | st.floats(-9, 0),
    ),
    max_size=8,
)


@given(first=samples, second=samples)
def test_no_sample_and_no_token_is_lost(first: list[Candidate], second: list[Candidate]):
    before = distinct(first, [])
    after = distinct(second, before)
    for drawn, kept in ((first, before), (second, after)):
        assert sum(each.weight for each in kept) == len(drawn)
        assert sum(each.usage.prompt_tokens for each in kept) == sum(
            each.usage.prompt_tokens for each in drawn
        )
    programs = [each.program for each in before + after if each.problem is None]
    assert len(programs) == len(set(programs))
    assert [each.index for each in before + after] == list(range(len(before + after)))


def test_of_equal_programs_the_likeliest_wording_stays():
    other = PROGRAM.replace("image", "img")
    [kept] = distinct([candidate(log_probability=-3.0), candidate(program=other, log_probability=-1.0)], [])
    assert (kept.program, kept.weight, kept.log_probability) == (other, 2, -1.0)


def test_a_program_of_an_earlier_round_is_named_and_not_run_again():
    before = distinct([candidate(program=each) for each in VARIANTS], [])
    [again] = distinct([candidate(program=f"# a comment\n{VARIANTS[1]}")], before)
    assert (again.index, again.program, again.problem_type) == (3, "", "duplicate")
    assert "candidate 1" in (again.problem or "")
