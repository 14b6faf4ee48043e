"""Requests per second of one process against a simulated provider, beside what the provider can take."""

import asyncio
import json
import multiprocessing
import random
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.results import Report
from vpd.language_models.budget import Budget
from vpd.language_models.cached import CachedModel
from vpd.language_models.database import Database
from vpd.language_models.openai import OpenAIModel
from vpd.language_models.protocol import Message, Request
from vpd.language_models.settings import OpenAISettings

PROMPT = "word " * 3000
SECONDS = 10.0
WHAT = """\
The provider runs in a process of its own, answers so many requests at once, each after about the same time,
and either lets more of them wait or turns them away with status 429. On paper it can take slots / latency
requests a second; what it takes on this machine is measured with bare sockets that send the same bytes and
read the answers, nothing else. The client asks through everything that a run uses: the response cache on
disk, a budget, adaptive concurrency, retries. Prompts have 3,000 words, replies 100 tokens with their
log-probabilities. Counted are ten seconds after the first six latencies, in which concurrency doubles up to
its ceiling. Each of the two processes needs a core to itself: on a machine that is busy otherwise the figures
say how busy it is."""


class Case(NamedTuple):
    name: str
    slots: int
    latency: float
    turns_away: bool
    """Whether requests beyond the slots are refused rather than kept waiting."""
    ceiling: int
    """The client's `max_concurrency`."""


CASES = [
    Case("200 at once, 4 s each", 200, 4.0, False, 200),
    Case("200 at once, 2 s each", 200, 2.0, False, 200),
    Case("200 at once, 1 s each", 200, 1.0, False, 200),
    Case("200 at once, 0.5 s each", 200, 0.5, False, 200),
    Case("200 at once, 1 s each, others turned away", 200, 1.0, True, 400),
]


def provider(case: Case, port: Connection) -> None:
    asyncio.run(_provide(case, port))


async def _provide(case: Case, port: Connection) -> None:
    slots = asyncio.Semaphore(case.slots)
    tokens = [{"token": "word", "logprob": -0.25, "bytes": None, "top_logprobs": []}] * 100
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": "word " * 100},
        "logprobs": {"content": tokens},
    }
    usage = {"prompt_tokens": 3000, "completion_tokens": 100}
    body = json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode()
    answer = _http("200 OK", body)
    refusal = _http("429 Too Many Requests", b'{"error": {"message": "slow down"}}')

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                if case.turns_away and slots.locked():
                    writer.write(refusal)
                    continue
                async with slots:
                    # Equal times would make all requests come and go in step.
                    await asyncio.sleep(case.latency * random.uniform(0.8, 1.2))
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=1024)
    port.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _http(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def ask(case: Case, port: int, seconds: float, cache: Path) -> tuple[float, float]:
    """Sustained requests per second, and the processor time per request in milliseconds."""
    database = Database(cache)
    settings = OpenAISettings(
        model="m",
        base_url=f"http://127.0.0.1:{port}/v1",
        api_key_env=None,
        max_concurrency=case.ceiling,
        patience=1000,
    )
    model = CachedModel(OpenAIModel(settings), database, Budget(database, "benchmark", max_tokens=10**12))
    warm_up = 6 * case.latency
    number = round(case.slots / case.latency * (seconds + warm_up / 2)) + case.slots
    done: list[float] = []

    async def one(question: int) -> None:
        content = f"{PROMPT}{question}"
        await model.complete(Request(messages=(Message(role="user", content=content),)))
        done.append(time.monotonic())

    begun, started = time.monotonic(), time.process_time()
    await asyncio.gather(*(one(question) for question in range(number)))
    spent = time.process_time() - started
    await model.close()
    database.close()
    counted = [moment for moment in done[: -case.slots] if moment > begun + warm_up]
    return (len(counted) - 1) / (counted[-1] - counted[0]), 1000 * spent / number


async def bare(case: Case, port: int, seconds: float) -> float:
    """Requests per second of one bare connection for each slot."""
    message = {"role": "user", "content": f"{PROMPT}1"}
    body = json.dumps({"model": "m", "messages": [message], "max_tokens": 1024, "logprobs": True}).encode()
    request = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    begun = time.monotonic()
    end = begun + 3 * case.latency + seconds
    done: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < end:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            done.append(time.monotonic())
        writer.close()

    await asyncio.gather(*(one() for _ in range(case.slots)))
    counted = [moment for moment in done if begun + 3 * case.latency < moment < end]
    return (len(counted) - 1) / (counted[-1] - counted[0])


def measure(case: Case, seconds: float) -> tuple[float, float, float]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=provider, args=(case, theirs), daemon=True)
    process.start()
    try:
        port = ours.recv()
        takes = asyncio.run(bare(case, port, seconds))
        with tempfile.TemporaryDirectory() as folder:
            cache = Path(folder) / "responses.sqlite"
            return takes, *asyncio.run(ask(case, port, seconds, cache))
    finally:
        process.terminate()


def main() -> None:
    report = Report("language_models")
    measured = [(case, *measure(case, SECONDS)) for case in CASES]
    report.table(
        ("provider", "on paper, /s", "bare sockets, /s", "vpd, /s", "share", "processor time a request, ms"),
        [
            (
                case.name,
                f"{case.slots / case.latency:.0f}",
                f"{takes:.1f}",
                f"{rate:.1f}",
                f"{rate / takes:.1%}",
                f"{milliseconds:.2f}",
            )
            for case, takes, rate, milliseconds in measured
        ],
    )
    report.bars("Share of what the provider can take, %", [(c.name, 100 * r / t) for c, t, r, _ in measured])
    report.write(WHAT)


if __name__ == "__main__":
    main()
