"""The response cache: what is the same request, what is kept, what is shared, and how it is looked after."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.language_models.cache import ResponseCache
from vpd.language_models.cached import CachedModel
from vpd.language_models.canonical import canonical, key
from vpd.language_models.database import Database
from vpd.language_models.errors import CacheError, ServerError
from vpd.language_models.explain import explain
from vpd.language_models.protocol import Completion, Identity, ImagePart, Message, Request, TextPart
from vpd.language_models.upkeep import clear, holdings, prune
from vpd.records import Usage

from .conftest import ask
from .server import choice, error, reply

IDENTITY = Identity("http://host/v1", "m", {"reasoning_effort": "low"})

_texts = st.text(max_size=20)
_parts = st.one_of(
    _texts.map(lambda t: TextPart(text=t)), _texts.map(lambda t: ImagePart(path="a.png", sha256=t))
)
_messages = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant"]),
    content=st.one_of(_texts, st.lists(_parts, max_size=3).map(tuple)),
)
_fields = {
    "messages": st.lists(_messages, min_size=1, max_size=3).map(tuple),
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0.1, 1),
    "max_tokens": st.integers(1, 9999),
    "stop": st.lists(_texts, max_size=2).map(tuple),
    "seed": st.none() | st.integers(0, 99),
    "log_probabilities": st.booleans(),
}
requests = st.builds(Request, **_fields)


class TestKeys:
    @given(requests, st.randoms())
    def test_the_order_of_fields_does_not_matter(self, request_, random):
        form = canonical(IDENTITY, request_)
        names = list(form)
        random.shuffle(names)
        assert key({name: form[name] for name in names}) == key(form)

    @given(requests, st.data())
    def test_any_changed_field_changes_the_key(self, request_, data):
        name = data.draw(st.sampled_from(sorted(_fields)))
        value = data.draw(_fields[name].filter(lambda v: v != getattr(request_, name)))
        other = request_.model_copy(update={name: value})
        assert key(canonical(IDENTITY, other)) != key(canonical(IDENTITY, request_))

    @pytest.mark.parametrize(
        "other",
        [
            IDENTITY._replace(endpoint="http://other/v1"),
            IDENTITY._replace(model="n"),
            IDENTITY._replace(parameters={"reasoning_effort": "high"}),
            IDENTITY._replace(parameters={}),
        ],
    )
    def test_another_model_is_another_key(self, other):
        assert key(canonical(other, ask())) != key(canonical(IDENTITY, ask()))

    @given(requests, st.integers(1, 9), st.integers(0, 9))
    def test_which_samples_are_asked_for_does_not_matter(self, request_, n, first):
        other = request_.model_copy(update={"n": n, "first_sample": first})
        assert key(canonical(IDENTITY, other)) == key(canonical(IDENTITY, request_))

    def test_an_image_is_known_by_its_content(self):
        def form(path: str, sha256: str) -> str:
            part = ImagePart(path=path, sha256=sha256)
            return key(canonical(IDENTITY, Request(messages=(Message(role="user", content=(part,)),))))

        assert form("a.png", "1") == form("elsewhere/b.png", "1")
        assert form("a.png", "1") != form("a.png", "2")


class TestWhatIsPaidFor:
    async def test_a_request_is_sent_once(self, serve, connect, database):
        server = serve(lambda seen: reply(choice(f"answer {seen.number}", [-0.1, -0.123456789012345])))
        model = CachedModel(connect(server), database)
        first = await model.complete(ask())
        assert await model.complete(ask()) == first
        assert await CachedModel(connect(server), database).complete(ask()) == first
        assert len(server.log) == 1

    async def test_five_samples_after_three_cost_two(self, serve, connect, database):
        server = serve(lambda seen: reply(*[f"{seen.number}.{i}" for i in range(seen.n)]))
        model = CachedModel(connect(server), database)
        three = await model.complete(ask(n=3))
        five = await model.complete(ask(n=5))
        assert five[:3] == three
        assert [e.n for e in server.log] == [3, 2]
        assert await model.complete(ask(n=2, first_sample=3)) == five[3:]
        assert len(server.log) == 2

    async def test_gaps_are_filled(self, serve, connect, database):
        server = serve(lambda seen: reply(*[f"{seen.number}.{i}" for i in range(seen.n)]))
        model = CachedModel(connect(server), database)
        await model.complete(ask(n=1, first_sample=2))
        texts = [c.text for c in await model.complete(ask(n=5))]
        assert texts[2] == "0.0"
        assert len(set(texts)) == 5
        assert sorted(e.n for e in server.log) == [1, 2, 2]

    async def test_requests_in_flight_are_shared(self, serve, connect, database):
        server = serve(lambda seen: reply(*[f"{seen.number}.{i}" for i in range(seen.n)], delay=0.1))
        model = CachedModel(connect(server), database)
        small, large, same = await asyncio.gather(
            model.complete(ask(n=2)), model.complete(ask(n=4)), model.complete(ask(n=2))
        )
        assert small == same == large[:2]
        assert sum(e.n for e in server.log) == 4

    async def test_refusals_and_empty_replies_are_asked_again(self, serve, connect, database):
        refused = choice(None, message={"refusal": "no"})
        answers = {0: reply("fine", refused, " "), 1: reply("now", "fine")}
        server = serve(lambda seen: answers[seen.number])
        model = CachedModel(connect(server), database)
        problems = [c.problem for c in await model.complete(ask(n=3))]
        assert [type(p).__name__ for p in problems] == ["NoneType", "RefusalError", "EmptyReplyError"]
        assert [c.text for c in await model.complete(ask(n=3))] == ["fine", "now", "fine"]

    async def test_what_was_answered_is_kept_when_the_rest_fails(self, serve, connect, database):
        server = serve(lambda seen: reply("fine") if seen.number < 2 else error(500))
        model = CachedModel(connect(server, samples_per_request=1, max_attempts=1), database)
        with pytest.raises(ServerError):
            await model.complete(ask(n=3))
        server.script = lambda _: reply("late")
        assert sorted(c.text for c in await model.complete(ask(n=3))) == ["fine", "fine", "late"]
        assert len(server.log) == 4

    async def test_a_cancelled_call_is_seen_through_to_the_cache(self, serve, connect, database):
        server = serve(lambda _: reply("fine", delay=0.2))
        model = CachedModel(connect(server), database)
        call = asyncio.create_task(model.complete(ask()))
        await asyncio.to_thread(server.asked.wait)
        call.cancel()
        await model.close()
        assert holdings(database)[0].completions == 1

    async def test_the_first_of_two_processes_to_store_wins(self, tmp_path):
        one, two = (Database(tmp_path / "r.sqlite") for _ in range(2))
        form = canonical(IDENTITY, ask())
        for database, text in ((one, "first"), (two, "second")):
            with database.transaction():
                kept = ResponseCache(database).put(form, {0: _completion(text)})
            assert kept[0].text == "first"


class TestUpkeep:
    def test_holdings_are_listed_by_model(self, database):
        _fill(database, 3)
        [held] = holdings(database)
        assert (held.endpoint, held.model) == ("http://host/v1", "m")
        assert (held.requests, held.completions) == (3, 6)
        assert (held.prompt_tokens, held.completion_tokens) == (60, 30)
        assert held.oldest <= held.newest

    def test_prune_by_age(self, database):
        _fill(database, 3)
        database.query("UPDATE completions SET created = created - 7200 WHERE rowid <= 2")
        assert prune(database, older_than=timedelta(hours=1)) == (1, 2)
        assert holdings(database)[0].requests == 2

    def test_prune_by_size_keeps_the_newest(self, database):
        _fill(database, 4)
        size = holdings(database)[0].size
        assert prune(database, max_bytes=size * 6 // 10).requests == 2
        cache = ResponseCache(database)
        kept = [bool(cache.get(key(canonical(IDENTITY, ask(f"q{i}"))), range(2))) for i in range(4)]
        assert kept == [False, False, True, True]

    def test_pruning_makes_the_file_smaller(self, database, tmp_path):
        _fill(database, 300)
        prune(database, max_bytes=10**9)
        before = (tmp_path / "responses.sqlite").stat().st_size
        prune(database, max_bytes=0)
        assert (tmp_path / "responses.sqlite").stat().st_size < before / 2

    def test_clear_removes_everything(self, database):
        _fill(database, 3)
        assert clear(database) == (3, 6)
        assert holdings(database) == []

    def test_a_file_that_is_no_database_is_named(self, tmp_path):
        (tmp_path / "x.sqlite").write_text("not a database" * 100)
        with pytest.raises(CacheError, match=r"x\.sqlite"):
            Database(tmp_path / "x.sqlite")

    def test_a_cache_of_another_version_is_refused(self, tmp_path):
        connection = sqlite3.connect(tmp_path / "x.sqlite")
        connection.execute("PRAGMA user_version=99")
        connection.close()
        with pytest.raises(CacheError, match="another version"):
            Database(tmp_path / "x.sqlite")


class TestExplain:
    def test_a_hit_names_its_samples(self, database):
        _fill(database, 1)
        assert explain(database, canonical(IDENTITY, ask("q0"))).samples == (0, 1)

    def test_a_key_leads_back_to_its_request(self, database):
        _fill(database, 1)
        form = canonical(IDENTITY, ask("q0"))
        assert ResponseCache(database).form(key(form)) == form
        assert ResponseCache(database).form("unknown") is None

    def test_a_miss_names_the_field_that_differs(self, database):
        _fill(database, 3)
        explanation = explain(database, canonical(IDENTITY, ask("q1", temperature=0.5)))
        assert explanation.samples == ()
        assert explanation.nearest == key(canonical(IDENTITY, ask("q1")))
        assert explanation.differences == (("temperature", "0.5", "1.0"),)

    def test_of_a_long_text_the_part_that_differs_is_shown(self, database):
        _fill(database, 1, prefix="x" * 500)
        explanation = explain(database, canonical(IDENTITY, ask("x" * 500 + "p0")))
        [difference] = explanation.differences
        assert difference.field == "messages[0].content"
        assert difference.asked == "…" + "x" * 10 + "p0"
        assert difference.stored == "…" + "x" * 10 + "q0"

    def test_the_nearest_text_is_the_one_with_the_longest_common_beginning(self, database):
        for text in ("abc", "abcdef", "zzz"):
            with database.transaction():
                ResponseCache(database).put(canonical(IDENTITY, ask(text)), {0: _completion("a")})
        explanation = explain(database, canonical(IDENTITY, ask("abcdxx")))
        assert explanation.nearest == key(canonical(IDENTITY, ask("abcdef")))

    def test_an_empty_cache_has_no_nearest(self, database):
        assert explain(database, canonical(IDENTITY, ask())).nearest is None


def _completion(text: str) -> Completion:
    usage = Usage(prompt_tokens=10, completion_tokens=5)
    return Completion(text=text, finish_reason="stop", log_probabilities=(-0.5,), usage=usage)


def _fill(database: Database, requests_: int, prefix: str = "") -> None:
    """Two completions for each of so many questions."""
    for i in range(requests_):
        with database.transaction():
            ResponseCache(database).put(
                canonical(IDENTITY, ask(f"{prefix}q{i}")), {0: _completion("a"), 1: _completion("b")}
            )
