"""A real OpenAI-compatible server, `transformers serve`, with a real model behind it."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

from vpd.language_models.cached import CachedModel
from vpd.language_models.estimate import estimate
from vpd.language_models.openai import OpenAIModel
from vpd.language_models.settings import OpenAISettings

from .conftest import ask
from .tiny_model import make_tiny_model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("transformers", "fastapi", "uvicorn")),
        reason="needs transformers[serving]",
    ),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The folder of the model, and the base URL that it is served at."""
    folder = make_tiny_model(tmp_path_factory.mktemp("served"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    command = [
        Path(sys.executable).with_name("transformers"),
        "serve",
        folder,
        "--port",
        port,
        "--device",
        "cpu",
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/health", process, log)
        yield folder, f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=1)
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(log.read_text())


async def test_real_completions_through_the_cache_and_an_estimate_that_holds(served, database):
    folder, url = served
    settings = OpenAISettings(
        model=str(folder),
        base_url=url,
        api_key_env=None,
        tokenizer=str(folder),
        samples_per_request=1,  # this server ignores `n`
        timeout=30,
    )
    model = OpenAIModel(settings)
    cached = CachedModel(model, database)
    requests = [ask(f"question {i}: {'how many cubes ' * i}?", n=3, max_tokens=8, seed=i) for i in range(5)]
    foreseen = estimate(cached, requests, database)
    answers = await asyncio.gather(*(cached.complete(request) for request in requests))
    assert all(len({c.text for c in completions}) == 3 for completions in answers)
    assert all(c.finish_reason == "length" for completions in answers for c in completions)
    counted = [c.usage for completions in answers for c in completions]
    assert foreseen.prompt_exact
    assert foreseen.prompt_tokens == pytest.approx(sum(u.prompt_tokens for u in counted), rel=0.05)
    assert foreseen.completion_tokens == pytest.approx(sum(u.completion_tokens for u in counted), rel=0.05)
    assert await asyncio.gather(*(cached.complete(request) for request in requests)) == answers
    await cached.close()


async def test_where_the_server_ignores_n_all_samples_come_nevertheless(served):
    folder, url = served
    model = OpenAIModel(OpenAISettings(model=str(folder), base_url=url, api_key_env=None, timeout=30))
    completions = await model.complete(ask(n=4, max_tokens=8, seed=0))
    assert len({c.text for c in completions}) == 4
    assert model.samples_per_request == 1
    await model.close()
