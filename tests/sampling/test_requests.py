"""What is asked in each round: what changes from question to question, and what never reaches a prompt."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sampling.samples import PROGRAM, candidate, example, execution, settings
from vpd.records import Example, Status
from vpd.sampling.requests import Past, Requests
from vpd.sampling.settings import ADAPTIVE, Round

REPAIR = (Round(samples=1), Round(samples=2, mode="repair"))


def prompt(past: Past, of: Example | None = None, **given_settings: Any) -> str:
    """The user's message of the repair round."""
    requests = Requests(settings(rounds=REPAIR, **given_settings))
    content = requests.request(of or example(), 2, past).messages[-1].content
    assert isinstance(content, str)
    return content


def past(status: Status = "error", **fields: Any) -> Past:
    return Past([candidate()], [execution(status=status, **fields)])


texts = st.text(min_size=1, max_size=12)
labels = st.fixed_dictionaries(
    {
        "answers": st.lists(texts, max_size=10).map(tuple),
        "answer_type": st.sampled_from(["yes_no", "number", "choice", "open"]),
        "source": texts,
        "id": texts,
    }
)
statuses: tuple[Status, ...] = ("ok", "error", "rejected", "no_answer", "timeout", "tool_error")


class TestNothingOfTheLabelIsAsked:
    @given(
        one=labels,
        other=labels,
        status=st.sampled_from(statuses),
        answer=st.sampled_from(["yes", "No.", "3", "red"]),
        choices=st.lists(texts, max_size=3).map(tuple),
        number=st.integers(1, 4),
    )
    def test_requests_are_the_same_whatever_the_answers_are(
        self, one, other, status: Status, answer: str, choices: tuple[str, ...], number: int
    ):
        requests = Requests(settings(rounds=ADAPTIVE))
        happened = Past([candidate()], [execution(status=status, answer=answer)])
        first, second = (example(choices=choices, **label) for label in (one, other))
        assert requests.request(first, number, happened) == requests.request(second, number, happened)

    def test_a_program_that_ran_is_shown_without_saying_that_it_was_wrong(self):
        shown = prompt(past("ok")).lower()
        assert "it ran to its end" in shown
        for word in ("accept", "wrong", "incorrect", "correct", "label", "expected", "not right", "reject"):
            assert word not in shown

    @pytest.mark.parametrize("answer", ["yes", "no", "Yes.", "True"])
    def test_a_program_that_said_yes_or_no_is_not_shown_since_the_other_answer_must_be_right(
        self, answer: str
    ):
        assert PROGRAM not in prompt(past("ok", answer=answer))

    def test_nor_is_one_that_chose_among_given_choices(self):
        assert PROGRAM not in prompt(past("ok"), example(choices=("red", "blue", "green")))

    def test_one_that_failed_is_shown_all_the_same(self):
        assert PROGRAM in prompt(past("error"), example(choices=("red", "blue")))


class TestRepair:
    def test_it_shows_the_program_its_failure_and_what_its_tools_reported(self):
        shown = prompt(past("error"))
        assert "Question: How many cups?" in shown
        assert PROGRAM in shown
        assert "It failed on line 2: IndexError: list index out of range" in shown
        assert "2: image.find('cup') → [ImagePatch(10, 20, 30, 60)]" in shown

    def test_a_failure_that_says_what_was_wrong_goes_before_one_that_does_not(self):
        programs = [candidate(i, f"# {i}\n{PROGRAM}") for i in range(4)]
        outcomes = [execution(i, s) for i, s in enumerate(("ok", "tool_error", "error", "no_answer"))]
        assert "# 2\n" in prompt(Past(programs, outcomes))

    def test_of_equal_failures_the_latest_is_repaired(self):
        programs = [candidate(i, f"# {i}\n{PROGRAM}") for i in range(2)]
        assert "# 1\n" in prompt(Past(programs, [execution(i, "error") for i in range(2)]))

    def test_where_there_is_no_program_to_repair_one_is_asked_for_afresh(self):
        no_program = candidate(problem="the reply holds no Python function", problem_type="no_program")
        shown = prompt(Past([no_program], [execution(status="rejected")]))
        assert shown == "Question: How many cups?\n"


class TestSamples:
    def test_no_sample_of_a_question_is_asked_for_twice(self):
        rounds = (Round(samples=2), Round(samples=1, mode="repair"), Round(samples=3))
        requests = Requests(settings(rounds=rounds))
        asked = [s for n in (1, 2, 3) for s in requests.request(example(), n, Past()).samples]
        assert asked == list(range(6))

    def test_the_preset_paper_draws_five_programs_at_temperature_one_half(self):
        chosen = settings(preset="paper")
        [only] = chosen.schedule
        request = Requests(chosen).request(example(), 1, Past())
        assert (only.mode, request.n, request.temperature) == ("fresh", 5, 0.5)
        assert (request.top_p, request.first_sample) == (1.0, 0)

    @pytest.mark.parametrize(
        ("model", "samples"),
        [
            ({"provider": "openai"}, [2, 3]),
            ({"provider": "openai", "samples_per_request": 1}, [1, 1, 1, 2]),
            ({"provider": "transformers"}, [1, 1, 1, 2]),
        ],
    )
    def test_the_preset_adaptive_draws_as_many_more_at_once_where_they_share_a_prompt(
        self, model: dict[str, Any], samples: list[int]
    ):
        chosen = settings(model={"model": "m", **model})
        assert [plan.samples for plan in chosen.schedule] == samples


class TestWhatARoundIsMadeFrom:
    def test_whatever_changes_a_request_changes_its_fingerprint(self):
        base = Requests(settings(rounds=REPAIR)).fingerprint(2)
        for change in (
            {"hint": "Answer with one word."},
            {"examples": ["count", "left-of"]},
            {"max_tokens": 99},
            {"seed": 1},
            {"rounds": (Round(samples=2), REPAIR[1])},
            {"rounds": (REPAIR[0], Round(samples=2, mode="repair", temperature=0.1))},
        ):
            assert Requests(settings(**{"rounds": REPAIR, **change})).fingerprint(2) != base

    def test_a_later_round_changes_nothing_for_one_before(self):
        longer = (*REPAIR, Round(samples=9))
        assert Requests(settings(rounds=longer)).fingerprint(1) == Requests(
            settings(rounds=REPAIR)
        ).fingerprint(1)
