"""A distillation that is killed goes on where it stopped, pays for nothing twice, and ends with the same rows."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.language_models.server import Answer, Server
from tests.pipeline.said import Said
from tests.pipeline.test_distill import honest, recipe
from tests.pipeline.world import ScriptedWorld
from vpd.store import Run

KILLS, QUESTIONS, IN_FLIGHT = 2, 32, 2


def test_kills_at_random_moments(
    world: Callable[..., ScriptedWorld], vpd: Callable[..., Said], tmp_path: Path
):
    here = world(lambda e: _slow(honest(e)), questions=QUESTIONS, shard_size=8)
    file = recipe(here, model={"max_concurrency": IN_FLIGHT})
    assert vpd("verify", file, "--out", here.run.root, "--cache", tmp_path / "cache").status == 0
    shutil.copytree(here.run.root, tmp_path / "unbroken")
    rng = random.Random(0)
    for _ in range(KILLS):
        # Counted in requests, not seconds: however fast the machine, all of the kills come before the end.
        enough = len(here.server.log) + rng.randint(1, QUESTIONS // (3 * KILLS))
        process = _start(file, here.run.root, tmp_path / "cache")
        _wait_for_traffic(here.server, enough, process)
        time.sleep(rng.uniform(0, 0.03))
        assert process.poll() is None, "it was through before it was killed"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert _start(file, here.run.root, tmp_path / "cache").wait() == 0
    asked = len(here.server.log)
    rows = list(here.run.rows.rows())
    kept = len(list(here.run.rationales.rows()))
    assert kept > QUESTIONS / 2
    # What was on its way when it was killed: to the server and back, or from there into the cache.
    assert kept <= asked <= kept + KILLS * 2 * IN_FLIGHT
    assert _start(file, tmp_path / "unbroken", tmp_path / "other").wait() == 0
    assert list(Run(tmp_path / "unbroken").rows.rows()) == rows


def _slow(answer: Answer) -> Answer:
    answer.delay = 0.05
    return answer


def _start(file: Path, run: Path, cache: Path) -> subprocess.Popen[bytes]:
    arguments = ["distill", str(file), "--out", str(run), "--cache", str(cache)]
    return subprocess.Popen(
        [sys.executable, "-c", "from vpd.cli import main; main()", *arguments], stdout=subprocess.DEVNULL
    )


def _wait_for_traffic(server: Server, requests: int, process: subprocess.Popen[bytes]) -> None:
    while len(server.log) < requests and process.poll() is None:
        time.sleep(0.005)
