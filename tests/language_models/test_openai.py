"""Models behind an endpoint: what is asked, what is understood, and what a server may leave out."""

import asyncio
import hashlib
import json

import pytest
from PIL import Image

from vpd.language_models import errors
from vpd.language_models.protocol import ImagePart, Message, Request, TextPart

from .conftest import KEY, ask
from .server import Answer, choice, error, reply


async def test_a_request_carries_every_parameter(serve, connect):
    server = serve(lambda _: reply("a", "b"))
    request = ask("hi", n=2, first_sample=3, temperature=0.5, top_p=0.9, max_tokens=7, stop=("END",), seed=11)
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
    await asyncio.to_thread(server.asked.wait)
    await model.close()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(o) for o in outcomes] == [list, errors.ClosedError, errors.ClosedError]
    assert len(server.log) == 1


def _image(folder) -> ImagePart:
    path = folder / "cat.png"
    Image.new("RGB", (4, 4), "red").save(path)
    return ImagePart(path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
