"""What each fault of a server turns into: an answer after all, or a typed error that says what to do."""

import asyncio
import random
import socket
import time
from collections import Counter
from email.utils import formatdate

import pytest

from vpd.errors import UserError
from vpd.language_models import errors
from vpd.language_models.cache import ResponseCache
from vpd.language_models.cached import CachedModel
from vpd.language_models.canonical import canonical, key

from .conftest import ask
from .server import Answer, Exchange, choice, error, reply


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

    async def test_rate_limits_do_not_count_as_attempts(self, serve, connect):
        def script(seen: Exchange) -> Answer:
            tries = sum(e.prompt == "unlucky" for e in server.log)
            return error(429) if seen.prompt == "unlucky" and tries <= 2 else reply("fine")

        server = serve(script)
        model = connect(server, max_attempts=1)
        [completion] = await model.complete(ask("unlucky"))
        assert completion.text == "fine"


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
            (error(429, retry_after="9999"), errors.RateLimitError, 1, "to wait 9999 s"),
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
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            model = connect(server, base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
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


async def test_in_a_storm_of_faults_nothing_is_lost_and_nothing_doubled(serve, connect, database):
    dice = random.Random(1)
    requests = [ask(f"question {i}", n=3, seed=i) for i in range(20)]
    seeds = {r.seed_of(s): (i, s) for i, r in enumerate(requests) for s in r.samples}

    def script(seen: Exchange) -> Answer:
        if seen.prompt in ("question 7", "question 8"):
            return error(400, code={"7": "context_length_exceeded", "8": "content_filter"}[seen.prompt[-1]])
        sound = [choice(f"text {seen.number}.{i}", dice.choice([None, [-0.5]])) for i in range(seen.n)]
        refused = [choice(None, message={"refusal": "no"}), *sound[1:]]
        faults = [
            error(429),
            error(429, retry_after="0.1"),
            error(500),
            Answer(reset=True),
            Answer(stall=True),
            Answer(b'{"choices": [{'),
            reply(),
            reply(*sound[:1]),
            reply(*refused),
        ]
        fault = dice.choice(faults) if dice.random() < 0.35 else reply(*sound)
        fault.delay = dice.uniform(0.0, 0.02)
        return fault

    server = serve(script)
    model = CachedModel(connect(server, timeout=0.3, max_attempts=6), database)
    asked = [model.complete(request) for request in requests]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)

    for i, outcome in enumerate(outcomes):
        if i in (7, 8):
            assert type(outcome) is (errors.ContextLengthError if i == 7 else errors.RefusalError)
        else:
            assert isinstance(outcome, list | errors.RowError), outcome
    answered = Counter[tuple[int, int]]()
    for exchange in server.log:
        question, first = seeds[exchange.body["seed"]]
        found = (exchange.reply or {}).get("choices", [])
        answered.update((question, first + i) for i, c in enumerate(found) if c["message"]["content"])
    assert set(answered.values()) == {1}, "no sample was answered twice"
    cache = ResponseCache(database)
    stored = {
        (i, sample)
        for i, request in enumerate(requests)
        for sample in cache.get(key(canonical(model.identity, request)), request.samples)
    }
    assert stored == set(answered), "every answer was kept"
    texts = [c.text for o in outcomes if isinstance(o, list) for c in o if c.problem is None]
    assert len(set(texts)) == len(texts)
