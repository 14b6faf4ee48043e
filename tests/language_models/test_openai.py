"""Models behind an endpoint: what is asked, what is understood, and what each fault turns into."""

import asyncio
import json
import math
import time
from email.utils import formatdate

import pytest

from vpd.errors import UserError
from vpd.language_models import errors
from vpd.language_models.openai import OpenAIModel
from vpd.language_models.protocol import ImagePart, Message, Request, TextPart
from vpd.language_models.settings import OpenAISettings
from vpd.records import Usage

from .conftest import KEY, ask
from .server import Answer, Exchange, choice, error, reply


async def test_a_request_carries_every_parameter(serve, connect):
    server = serve(lambda _: reply("a", "b"))
    request = ask(
        "hi", n=2, first_sample=3, temperature=0.5, top_p=0.9, max_tokens=7, stop=("END",), seed=11
    )
    await connect(server, extra_body={"reasoning_effort": "low"}).complete(request)
    assert server.log[0].body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "n": 2,
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 7,
        "stop": ["END"],
        "seed": request.seed_of(3),
        "logprobs": True,
        "reasoning_effort": "low",
    }
    assert server.log[0].headers["authorization"] == f"Bearer {KEY}"


async def test_completions_carry_text_reason_and_log_probabilities(serve, connect):
    server = serve(lambda _: reply(choice("two", [-0.5, -0.25]), choice("tw", finish_reason="length")))
    first, second = await connect(server).complete(ask(n=2))
    assert (first.text, first.finish_reason, first.log_probability) == ("two", "stop", -0.75)
    assert (second.text, second.finish_reason, second.log_probability) == ("tw", "length", None)


async def test_usage_is_split_over_the_completions_of_a_request(serve, connect):
    body = json.loads(reply(choice("a", [-1.0] * 3), choice("b", [-1.0] * 6)).body)
    body["usage"] = {
        "prompt_tokens": 101,
        "completion_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 64},
    }
    server = serve(lambda _: Answer(json.dumps(body).encode()))
    completions = await connect(server).complete(ask(n=2))
    assert [c.usage.completion_tokens for c in completions] == [3, 6]
    assert sum(c.usage.prompt_tokens for c in completions) == 101
    assert sum(c.usage.cached_prompt_tokens for c in completions) == 64


async def test_a_server_that_counts_nothing_is_counted_for(serve, connect):
    server = serve(lambda _: Answer(json.dumps({"choices": [choice("a b c", [-1.0] * 3)]}).encode()))
    [completion] = await connect(server).complete(ask("one two three"))
    assert completion.usage.completion_tokens == 3
    assert completion.usage.prompt_tokens > 0


async def test_images_travel_as_data_urls(serve, connect, tmp_path):
    part = _image(tmp_path)
    server = serve(lambda _: reply("a cat"))
    message = Message(role="user", content=(TextPart(text="what?"), part))
    await connect(server).complete(Request(messages=(message,)))
    text, image = server.log[0].body["messages"][0]["content"]
    assert text == {"type": "text", "text": "what?"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,")


async def test_an_image_that_changed_is_not_sent(serve, connect, tmp_path):
    part = _image(tmp_path)
    part.path.write_bytes(part.path.read_bytes() + b"more")
    server = serve(lambda _: reply("a cat"))
    with pytest.raises(errors.InvalidRequestError, match="has changed"):
        await connect(server).complete(Request(messages=(Message(role="user", content=(part,)),)))
    assert server.log == []


class TestServersThatOfferLess:
    async def test_where_n_is_ignored_the_rest_are_asked_for_one_by_one(self, serve, connect):
        server = serve(lambda seen: reply(f"answer {seen.number}"))
        model = connect(server)
        completions = await model.complete(ask(n=4, seed=0))
        assert len({c.text for c in completions}) == 4
        assert [e.n for e in server.log] == [4, 1, 1, 1]
        assert len({e.body["seed"] for e in server.log}) == 4
        await model.complete(ask("again", n=2))
        assert [e.n for e in server.log[4:]] == [1, 1]

    async def test_where_only_some_are_given_the_missing_are_asked_for(self, serve, connect):
        server = serve(lambda seen: reply(*[f"{seen.number}.{i}" for i in range(min(2, seen.n))]))
        completions = await connect(server).complete(ask(n=5))
        assert [c.text for c in completions] == ["0.0", "0.1", "1.0", "1.1", "2.0"]

    async def test_no_more_are_asked_for_at_once_than_the_settings_allow(self, serve, connect):
        server = serve(lambda seen: reply(*["x"] * seen.n))
        await connect(server, samples_per_request=2).complete(ask(n=5))
        assert sorted(e.n for e in server.log) == [1, 2, 2]

    @pytest.mark.parametrize(
        ("field", "refusal"),
        [
            ("logprobs", error(400, "Unrecognized request argument supplied: logprobs")),
            ("logprobs", error(400, "This model does not support it", param="logprobs")),
            ("seed", Answer(b'{"detail": "Unexpected fields in the request: {\'seed\'}"}', status=422)),
            ("n", error(400, "Only n = 1 is supported: n must be 1")),
        ],
    )
    async def test_a_refused_field_is_left_out_from_then_on(self, serve, connect, field, refusal):
        server = serve(lambda seen: refusal if field in seen.body else reply("fine"))
        model = connect(server)
        assert len(await model.complete(ask(n=2, seed=1))) == 2
        await model.complete(ask("again", n=2, seed=1))
        assert [field in e.body for e in server.log] == [True] + [False] * (len(server.log) - 1)

    async def test_a_model_that_wants_max_completion_tokens_gets_it(self, serve, connect):
        refusal = error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        server = serve(lambda seen: refusal if "max_tokens" in seen.body else reply("fine"))
        await connect(server).complete(ask(max_tokens=9))
        assert server.log[1].body["max_completion_tokens"] == 9

    async def test_without_log_probabilities_a_completion_has_none(self, serve, connect):
        server = serve(lambda _: reply("fine"))
        [completion] = await connect(server).complete(ask())
        assert completion.log_probabilities is None


class TestFaultsThatPass:
    """One fault, then an answer: the request is answered, once."""

    @pytest.mark.parametrize(
        "fault",
        [
            error(429),
            error(500),
            error(503, retry_after="0"),
            Answer(reset=True),
            Answer(stall=True),
            Answer(drip=True),
            Answer(b'{"choices": [{"message": {"con'),
            reply("half of it", cut=20),
            reply(),
            Answer(b'{"choices": null}'),
            Answer(b"<html>gateway</html>", headers={"Content-Type": "text/html"}),
            Answer(b'{"error": {"message": "upstream failed", "code": 502}}'),
        ],
        ids=[
            "429",
            "500",
            "503",
            "reset",
            "stall",
            "drip",
            "truncated-json",
            "cut-off",
            "empty-choices",
            "null-choices",
            "html",
            "error-in-200",
        ],
    )
    async def test_it_is_tried_again(self, serve, connect, fault):
        server = serve(lambda seen: fault if seen.number == 0 else reply("fine"))
        [completion] = await connect(server, timeout=0.4).complete(ask())
        assert completion.text == "fine"
        assert len(server.log) == 2

    async def test_retry_after_is_waited_for(self, serve, connect):
        server = serve(lambda seen: error(429, retry_after="1") if seen.number == 0 else reply("fine"))
        await connect(server).complete(ask())
        assert server.log[1].begun - server.log[0].begun >= 1.0

    async def test_retry_after_may_be_a_date(self, serve, connect):
        # Dates have whole seconds: two seconds ahead is between one and two to wait.
        server = serve(
            lambda seen: (
                error(429, retry_after=formatdate(time.time() + 2, usegmt=True))
                if seen.number == 0
                else reply("fine")
            )
        )
        await connect(server).complete(ask())
        assert server.log[1].begun - server.log[0].begun >= 0.9

    async def test_retry_after_holds_back_the_others_too(self, serve, connect):
        def script(seen: Exchange) -> Answer:
            return error(429, retry_after="0.5") if seen.number == 0 else reply("fine")

        server = serve(script)
        model = connect(server, max_concurrency=1)
        await asyncio.gather(*(model.complete(ask(f"q{i}")) for i in range(4)))
        assert server.log[1].begun - server.log[0].begun >= 0.5

    async def test_a_rate_limit_is_outlasted_while_others_are_answered(self, serve, connect):
        # Two in three are turned away, many more times in a row than max_attempts.
        server = serve(lambda seen: reply("fine") if seen.number % 3 == 2 else error(429))
        model = connect(server, patience=5)
        outcomes = await asyncio.gather(*(model.complete(ask(f"q{i}")) for i in range(12)))
        assert len(outcomes) == 12


class TestFaultsThatStay:
    """A typed error in the end, after the attempts that it deserves, saying what to do."""

    @pytest.mark.parametrize(
        ("fault", "expected", "attempts", "advice"),
        [
            (error(500, "oops"), errors.ServerError, 2, "500: oops"),
            (Answer(b'{"choices"'), errors.ServerError, 2, "broken reply"),
            (reply(), errors.ServerError, 2, "without completions"),
            (Answer(reset=True), errors.ConnectionFailedError, 2, "base_url"),
            (Answer(stall=True), errors.TimedOutError, 2, "timeout"),
            (Answer(drip=True), errors.TimedOutError, 2, "timeout"),
            (error(401, "bad key"), errors.AuthenticationError, 1, "TEST_KEY"),
            (error(403, "not yours"), errors.AuthenticationError, 1, "TEST_KEY"),
            (error(404, "no such model"), errors.ModelNotFoundError, 1, "base_url"),
            (error(402, "pay"), errors.QuotaError, 1, "credit"),
            (error(429, code="insufficient_quota"), errors.QuotaError, 1, "credit"),
            (error(429, retry_after="9999"), errors.RateLimitError, 1, "run again later"),
            (error(400, code="context_length_exceeded"), errors.ContextLengthError, 1, "shorten"),
            (
                error(400, "maximum context length is 9 tokens; reduce max_tokens"),
                errors.ContextLengthError,
                1,
                "shorten",
            ),
            (error(400, code="content_filter"), errors.RefusalError, 1, "reword"),
            (error(400, "temperature must be 1"), errors.InvalidRequestError, 1, "temperature must be 1"),
            (
                Answer(b'{"error": {"message": "no credit", "code": 402}}'),
                errors.QuotaError,
                1,
                "credit",
            ),
        ],
    )
    async def test_it_ends_in_a_typed_error(self, serve, connect, fault, expected, attempts, advice):
        server = serve(lambda _: fault)
        model = connect(server, timeout=0.3, patience=60)
        with pytest.raises(UserError, match=advice) as caught:
            await model.complete(ask())
        assert type(caught.value) is expected
        assert len(server.log) == attempts

    async def test_a_rate_limit_that_never_lifts_ends_the_run(self, serve, connect):
        server = serve(lambda _: error(429))
        with pytest.raises(errors.RateLimitError, match="patience"):
            await connect(server, patience=0.3).complete(ask())
        assert len(server.log) >= 2

    async def test_an_endpoint_that_fails_every_request_ends_the_run(self, serve, connect):
        server = serve(lambda _: error(500))
        model = connect(server, max_attempts=1)
        asked = [model.complete(ask(f"q{i}")) for i in range(12)]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(o, errors.ServerError) for o in outcomes) == 9
        assert sum(isinstance(o, errors.EndpointDownError) for o in outcomes) == 3

    async def test_a_server_that_is_not_there(self, serve, connect):
        server = serve(lambda _: reply("fine"))
        model = connect(server)
        server.__exit__()
        with pytest.raises(errors.ConnectionFailedError, match="server runs"):
            await model.complete(ask())

    async def test_errors_are_of_one_row_or_of_the_whole_run(self):
        kinds = [
            kind
            for kind in vars(errors).values()
            if isinstance(kind, type) and issubclass(kind, errors.LanguageModelError)
        ]
        groups = {errors.LanguageModelError, errors.TransientError, errors.RowError, errors.RunError}
        for kind in set(kinds) - groups:
            assert issubclass(kind, errors.RowError) != issubclass(kind, errors.RunError), kind


class TestRefusals:
    @pytest.mark.parametrize(
        "refused",
        [choice(None, message={"refusal": "I can't"}), choice("I can", finish_reason="content_filter")],
    )
    async def test_one_refused_sample_leaves_the_others(self, serve, connect, refused):
        server = serve(lambda _: reply("fine", refused))
        fine, declined = await connect(server).complete(ask(n=2))
        assert fine.problem is None
        assert isinstance(declined.problem, errors.RefusalError)
        assert "I can" in str(declined.problem)

    async def test_a_reply_without_text_is_a_problem(self, serve, connect):
        server = serve(lambda _: reply(choice(None, finish_reason="length")))
        [completion] = await connect(server).complete(ask())
        assert isinstance(completion.problem, errors.EmptyReplyError)
        assert "max_tokens" in str(completion.problem)


async def test_replies_that_came_are_told_of_although_another_failed(serve, connect):
    class Recorder:
        def __init__(self) -> None:
            self.samples: set[int] = set()

        def sending(self) -> None: ...

        def received(self, completions) -> None:
            self.samples |= set(completions)

    server = serve(lambda seen: error(400, "no") if seen.number == 2 else reply("fine", delay=0.05))
    recorder = Recorder()
    with pytest.raises(errors.InvalidRequestError):
        await connect(server, samples_per_request=1).complete(ask(n=4), recorder)
    assert len(recorder.samples) == 3


async def test_closing_waits_for_what_is_in_flight_and_sends_nothing_more(serve, connect):
    server = serve(lambda _: reply("fine", delay=0.2))
    model = connect(server, max_concurrency=1)
    calls = [asyncio.create_task(model.complete(ask(f"q{i}"))) for i in range(3)]
    while not server.log:
        await asyncio.sleep(0.01)
    await model.close()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(o) for o in outcomes] == [list, errors.ClosedError, errors.ClosedError]
    assert len(server.log) == 1


def test_a_missing_key_is_asked_for_by_name(monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(errors.AuthenticationError, match="NO_SUCH_KEY"):
        OpenAIModel(OpenAISettings(model="m", api_key_env="NO_SUCH_KEY"))


@pytest.mark.parametrize("url", ["localhost:8000", "http://me:secret@host/v1", "https://host/v1?key=secret"])
def test_a_base_url_with_anything_secret_in_it_is_refused(url):
    with pytest.raises(ValueError, match="base_url"):
        OpenAISettings(model="m", base_url=url)


def _image(folder) -> ImagePart:
    import hashlib

    from PIL import Image

    path = folder / "cat.png"
    Image.new("RGB", (4, 4), "red").save(path)
    return ImagePart(path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def test_log_probability_is_the_sum_over_tokens():
    from vpd.language_models.protocol import Completion

    completion = Completion(text="a", finish_reason="stop", log_probabilities=(-0.1,) * 10, usage=Usage())
    assert math.isclose(completion.log_probability or 0, -1.0)
