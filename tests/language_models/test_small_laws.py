"""The small functions: sharing out tokens, runs of samples, waiting times, seeds, estimates of length."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.language_models.faults import Fault, classify
from vpd.language_models.habits import Habits
from vpd.language_models.protocol import Completion, Message, consecutive
from vpd.language_models.retry import retry_after
from vpd.language_models.tokens import count, estimate
from vpd.language_models.usage import split

from .conftest import ask


@given(st.integers(0, 10**6), st.lists(st.floats(0.1, 1e6), min_size=1, max_size=20))
def test_shares_add_up_and_follow_the_weights(total, weights):
    shares = split(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / math.fsum(weights)) <= 1.5


@given(st.sets(st.integers(0, 30)), st.none() | st.integers(1, 5))
def test_runs_hold_every_sample_in_order_and_none_is_too_long(samples, longest):
    ordered = sorted(samples)
    runs = list(consecutive(ordered, longest))
    assert [sample for run in runs for sample in run] == ordered
    assert all(len(run) <= (longest or len(run)) for run in runs)
    for left, right in pairwise(runs):
        assert right.start > left.stop or len(left) == longest


@given(st.integers(), st.lists(st.integers(0, 1000), unique=True, min_size=2, max_size=2))
def test_samples_have_seeds_of_their_own(seed, samples):
    one, two = (ask(seed=seed).seed_of(sample) for sample in samples)
    assert one != two
    assert one is not None
    assert 0 <= one < 2**31


def test_runs_with_neighbouring_seeds_share_no_sample():
    seeds = [ask(seed=seed).seed_of(sample) for seed in range(20) for sample in range(20)]
    assert len(set(seeds)) == len(seeds)


def test_log_probability_is_the_sum_over_tokens():
    completion = Completion(text="a", finish_reason="stop", log_probabilities=(-0.1,) * 10)
    assert completion.log_probability == pytest.approx(-1.0)


class TestRetryAfter:
    def test_seconds(self):
        assert retry_after("1.5") == 1.5

    def test_milliseconds_come_first(self):
        assert retry_after("2", "150") == 0.15

    def test_a_date(self):
        date = datetime.now(UTC) + timedelta(seconds=60)
        assert retry_after(format_datetime(date, usegmt=True)) == pytest.approx(60, abs=2)

    def test_a_date_that_has_passed_is_now(self):
        assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0

    @pytest.mark.parametrize("value", [None, "", "soon", "nan", "inf"])
    def test_what_is_unclear_is_nothing(self, value):
        assert retry_after(value) is None


class TestHabits:
    @given(st.text(max_size=80))
    def test_words_that_name_no_field_teach_nothing(self, words):
        quotes = [f"{q}{name}{q}" for q in "'\"`" for name in ("n", "seed", "logprobs", "max_tokens")]
        if any(quote in words for quote in quotes):
            return
        habits = Habits(128)
        body = {"n": 2, "seed": 1, "logprobs": True, "max_tokens": 5}
        assert not habits.learn(f"please correct {words.replace(' ', '')}x", None, body)

    def test_a_field_that_was_not_sent_is_not_learnt(self):
        assert not Habits(128).learn("unknown field 'seed'", "seed", {"n": 2})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("This model's maximum context length is 8192 tokens", "ContextLengthError"),
        ("the request exceeds the available context size", "ContextLengthError"),
        ("prompt is too long: 210000 tokens > 200000 maximum", "ContextLengthError"),
        ("Your request was flagged by our safety system", "RefusalError"),
        ("The response was filtered by the content management policy", "RefusalError"),
        ("Unknown parameter 'foo'", "InvalidRequestError"),
    ],
)
def test_what_providers_say_is_understood(message, expected):
    assert type(classify(Fault(400, message), "m at u", None)).__name__ == expected


class TestEstimatedTokens:
    def test_it_says_that_it_is_an_estimate(self):
        assert not count([Message(role="user", content="hello")], "some-model", None).exact

    @given(st.lists(st.text(max_size=200), min_size=1, max_size=3))
    def test_more_text_is_never_fewer_tokens(self, texts):
        messages = [Message(role="user", content=text) for text in texts]
        longer = [Message(role="user", content=text + " word") for text in texts]
        assert estimate(longer) >= estimate(messages)

    def test_a_model_that_tiktoken_knows_is_counted_by_it(self, monkeypatch):
        tiktoken = pytest.importorskip("tiktoken")
        from tiktoken import registry

        letters = tiktoken.Encoding(
            name="o200k_base",
            pat_str=r"[\s\S]",
            mergeable_ranks={bytes([i]): i for i in range(256)},
            special_tokens={},
        )
        # The real vocabulary is downloaded on first use; this one stands in its place, a token for each byte.
        monkeypatch.setitem(registry.ENCODINGS, "o200k_base", letters)
        from vpd.language_models import tokens

        tokens._tiktoken_encoder.cache_clear()
        counted = count([Message(role="user", content="hello")], "gpt-4o", None)
        tokens._tiktoken_encoder.cache_clear()
        assert counted == (4 + 5 + 3, True)
