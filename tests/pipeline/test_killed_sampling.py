"""Killed at any instant and given the same command again, a run asks for nothing that it has been answered.

What cannot be had: a reply that the server has sent but that the process was killed before reading is paid for
and lost, since the protocol has no acknowledgement. Those are at most what was in flight.
"""

import json
import multiprocessing
import os
import random
import signal
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.language_models.server import Answer, Exchange, Server, error, reply
from tests.pipeline import driver
from tests.pipeline.world import CRASHES, RIGHT, WRONG, World, asked
from vpd.language_models.database import Database
from vpd.language_models.protocol import Message, Request
from vpd.records import Candidate
from vpd.store import Run

IN_FLIGHT = 6
ROUNDS = [{"samples": 3, "temperature": 0.5}, {"samples": 2, "mode": "repair"}, {"samples": 2}]

Sample = tuple[str, int]
"""Prompt and sample number."""

# A request names its first sample by its seed.
_FIRST = {Request(messages=(Message(role="user", content=""),), seed=0).seed_of(i): i for i in range(7)}


def requested(exchange: Exchange) -> list[Sample]:
    first = _FIRST[exchange.body["seed"]]
    return [(exchange.prompt, first + i) for i in range(exchange.n)]


def script(exchange: Exchange) -> Answer:
    """Now and then fails, or ignores `n`; what a sample holds depends on its prompt and number alone."""
    mood = random.random()
    if mood < 0.05:
        return error(500, delay=0.005)
    samples = requested(exchange)[: 1 if mood < 0.2 else None]
    return reply(*(program(exchange, sample) for _, sample in samples), delay=random.uniform(0, 0.15))


def program(exchange: Exchange, sample: int) -> str:
    scene, colour, repair = asked(exchange)
    luck = random.Random(f"{scene} {repair} {sample}").random()
    text = RIGHT if luck < 0.2 else CRASHES if luck < 0.6 else WRONG
    return f"# {sample}\n" + text.replace("{colour}", colour).replace('"9"', f'"9{sample}"')


def stored(path: Path) -> set[Sample]:
    database = Database(path)
    rows = database.query("SELECT form, sample FROM completions JOIN requests ON request = key")
    database.close()
    return {(json.loads(zlib.decompress(form))["messages"][-1]["content"], sample) for form, sample in rows}


def rows(run: Run) -> list[Candidate]:
    """Without usage: how tokens are shared out depends on which samples came in one reply."""
    return [c.model_copy(update={"usage": None}) for c in run.candidates.rows()]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "questions", "kills"), [("sample", 100, 15), ("run", 24, 6)])
def test_no_answered_request_is_sent_twice(
    tmp_path: Path, name: str, questions: int, kills: int, record_property: Any
):
    random.seed(1)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(driver.PRELOAD)
    with Server(script) as server:
        world = World(
            tmp_path,
            server.url,
            questions=questions,
            shard_size=4,
            model={"max_concurrency": IN_FLIGHT, "max_attempts": 9},
        )
        recipe = tmp_path / "recipe.yaml"
        recipe.write_text(json.dumps(world.values(rounds=ROUNDS)))

        def start(out: Path, cache: Path) -> Any:
            options = ["--out", str(out), "--cache", str(cache)]
            arguments = ([name, str(recipe), *options], str(tmp_path / "output.txt"))
            process = context.Process(target=driver.command, args=arguments)
            process.start()
            return process

        # Counted in requests, not seconds: however fast the machine, all of the kills come before the end.
        most = questions // (2 * kills)
        known: set[Sample] = set()
        lost: list[int] = []
        killed = 0
        while True:
            before = len(server.log)
            process = start(world.run.root, world.responses.parent)
            moment = float("inf")
            if killed < kills:
                _wait_for_traffic(server, before + random.randint(1, most), process)
                time.sleep(random.uniform(0, 0.01))
                assert process.is_alive(), "it was through before it was killed often enough"
                moment = time.monotonic()
                os.killpg(process.pid, signal.SIGKILL)
            process.join()
            now = stored(world.responses)
            life = server.log[before:]
            assert not [e for e in life if set(requested(e)) & known], "asked for what it had been answered"
            answered = [e for e in life if e.sent is not None and e.sent <= moment and e.reply]
            lost.append(sum(requested(e)[0] not in now for e in answered))
            assert lost[-1] <= IN_FLIGHT
            known = now
            if killed == kills:
                break
            killed += 1
        assert process.exitcode == 0, (tmp_path / "output.txt").read_text()
        assert lost[-1] == 0
        record_property("replies lost between server and cache", sum(lost))

        unbroken = start(tmp_path / "unbroken", tmp_path / "other")
        unbroken.join()
        assert rows(world.run) == rows(Run(tmp_path / "unbroken"))
        assert {c.example_id for c in rows(world.run)} == {f"q{i}" for i in range(questions)}


def _wait_for_traffic(server: Server, requests: int, process: Any) -> None:
    """Until the server has had so many, or the process is through; what it does before is not what is tested."""
    give_up = time.monotonic() + 3
    while len(server.log) < requests and process.is_alive() and time.monotonic() < give_up:
        time.sleep(0.002)
