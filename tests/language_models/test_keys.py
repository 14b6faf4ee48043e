"""A key is read from the environment and appears nowhere else."""

import logging

import pytest

from vpd.language_models.cached import CachedModel
from vpd.language_models.canonical import canonical, dump
from vpd.language_models.errors import LanguageModelError
from vpd.language_models.scrubbing import scrub

from .conftest import KEY, ask
from .server import error, reply


async def test_a_server_that_echoes_the_key_does_not_get_it_printed(serve, connect, caplog):
    caplog.set_level(logging.DEBUG)
    said = f"wrong key {KEY}, got header Authorization: Bearer {KEY}"
    for status in (400, 401, 404, 429, 500):
        server = serve(lambda _, status=status: error(status, said, code=KEY, retry_after="9999"))
        with pytest.raises(LanguageModelError) as caught:
            await connect(server, max_attempts=1).complete(ask())
        chain = [caught.value, caught.value.__cause__, caught.value.__context__]
        assert not any(KEY in repr(e) for e in chain if isinstance(e, LanguageModelError))
        assert "***" in str(caught.value)
        assert caught.value.__suppress_context__
    assert KEY not in caplog.text


async def test_the_cache_and_the_canonical_request_hold_no_key(serve, connect, database, tmp_path):
    server = serve(lambda _: reply("fine"))
    model = CachedModel(connect(server), database)
    await model.complete(ask())
    assert KEY not in dump(canonical(model.identity, ask()))
    database.close()
    for file in tmp_path.iterdir():
        assert KEY.encode() not in file.read_bytes()


async def test_neither_the_model_nor_its_identity_shows_the_key(serve, connect):
    model = connect(serve(lambda _: reply("fine")))
    assert KEY not in f"{model!r} {model.identity!r} {model.identity} {model._settings!r}"


@pytest.mark.parametrize(
    "text", ["Bearer abc.def-123", "key sk-proj-abc123_def456 is wrong", "authorization: bearer AbCdEf123"]
)
def test_what_looks_like_a_key_is_taken_out_too(text):
    scrubbed = scrub(text, None)
    assert "***" in scrubbed
    assert "abc" not in scrubbed.lower()


def test_messages_stay_short_and_on_one_line():
    assert len(scrub("word\n" * 1000, None)) == 300
    assert "\n" not in scrub("a\nb", None)
