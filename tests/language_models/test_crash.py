"""Killed at any instant, a run loses no reply that it had taken in, and asks for none of them again.

What cannot be had: a reply that the server has sent but that the process was killed before reading is paid
for and lost, since the protocol has no acknowledgement. Those are at most what was in flight, and counted.
"""

import json
import multiprocessing
import os
import random
import signal
import time
import zlib
from pathlib import Path

import pytest

from vpd.language_models.database import Database

from . import driver
from .server import Answer, Exchange, Server, error, reply

KILLS = 30

Sample = tuple[int, int]
"""Question and sample number."""

# A request names its first sample by its seed.
_SEEDS = {
    driver.question(q).seed_of(s): (q, s) for q in range(driver.QUESTIONS) for s in range(driver.SAMPLES)
}


def _asked(exchange: Exchange) -> list[Sample]:
    question, first = _SEEDS[exchange.body["seed"]]
    return [(question, first + i) for i in range(exchange.n)]


def _answered(exchange: Exchange) -> dict[Sample, str]:
    """The samples that the server answered in full, with their texts."""
    if exchange.reply is None:
        return {}
    texts = [c["message"]["content"] for c in exchange.reply["choices"]]
    return dict(zip(_asked(exchange), texts, strict=False))


def _stored(path: Path) -> dict[Sample, str]:
    database = Database(path)
    rows = database.query("SELECT form, sample, completion FROM completions JOIN requests ON request = key")
    database.close()
    found: dict[Sample, str] = {}
    for form, sample, completion in rows:
        text = json.loads(zlib.decompress(form))["messages"][0]["content"]
        found[int(text.split()[1]), sample] = json.loads(zlib.decompress(completion))["text"]
    return found


def _script(exchange: Exchange) -> Answer:
    """Now and then fails, ignores `n`, or gives fewer than asked for; every text is given once only."""
    mood = random.random()
    if mood < 0.1:
        return error(500, delay=0.005)
    given = 1 if mood < 0.4 else exchange.n
    delay = random.uniform(0.0, 0.05)
    return reply(*[f"text {exchange.number}.{i}" for i in range(given)], delay=delay)


@pytest.mark.slow
def test_no_reply_that_was_taken_in_is_asked_for_again(tmp_path, record_property):
    random.seed(0)
    cache = tmp_path / "responses.sqlite"
    Database(cache).close()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([driver.__name__, "vpd.language_models.openai", "openai", "aiohttp"])
    stored: dict[Sample, str] = {}
    kills, lost = 0, []
    with Server(_script) as server:
        while True:
            before = len(server.log)
            process = context.Process(target=driver.drive, args=(server.url, cache))
            process.start()
            # Counted in requests, not seconds: however fast the machine, all of the kills come before the end.
            enough = before + random.randint(1, driver.QUESTIONS // (2 * KILLS))
            while len(server.log) < enough and process.is_alive():
                time.sleep(0.001)
            killed = float("inf")
            if kills < KILLS:
                time.sleep(random.uniform(0.0, 0.02))
                killed = time.monotonic()
                os.kill(process.pid, signal.SIGKILL)
            process.join()
            known, stored = stored, _stored(cache)
            life = server.log[before:]
            assert not [e for e in life if set(_asked(e)) & set(known)], "asked for what was stored"
            assert known.items() <= stored.items(), "what was stored has changed"
            sent = [e for e in life if e.sent is not None and e.sent <= killed]
            lost.append(sum(not set(_answered(e)) <= set(stored) for e in sent))
            assert lost[-1] <= driver.IN_FLIGHT
            if kills == KILLS:
                break
            kills += 1
        assert process.exitcode == 0
        assert lost[-1] == 0, "an unbroken run loses nothing"
        assert len(stored) == driver.QUESTIONS * driver.SAMPLES
        answers = [answer for exchange in server.log for answer in _answered(exchange).items()]
        assert stored.items() <= set(answers), "each sample is what the server answered for it"
        assert len(set(stored.values())) == len(stored), "no answer serves two samples"
        record_property("replies", len(answers))
        record_property("lost between server and cache", sum(lost))
        print(f"{kills} kills, {len(server.log)} requests, {sum(lost)} replies lost on the way: {lost}")
