"""An OpenAI-compatible server that answers with programs, right or wrong by a seeded distribution.

Whether the j-th sample for a question is right is decided by a random number of that question and j alone, so
that all ways of drawing the same samples find the same right ones.
"""

import asyncio
import json
import math
import multiprocessing
import random
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from multiprocessing.connection import Connection
from typing import Any

from vpd.language_models.protocol import Message, Request
from vpd.language_models.tokens import text_tokens

RIGHT = 'def execute_command(image) -> str:\n    return str(len(image.find("{colour} disc")))\n'
WRONG = RIGHT.replace("))\n", ") + {off})\n")
CRASHES = 'def execute_command(image) -> str:\n    return image.find("{colour} disc")[{off}].category\n'
REJECTED = 'def execute_command(image) -> str:\n    return image.count("{colour} disc {off}")\n'

# Providers cache prompts in blocks of so many tokens, from so many on.
_BLOCK, _FROM = 128, 1024
_SAMPLES = 20


@dataclass(frozen=True)
class Provider:
    """How the simulated provider behaves."""

    alpha: float = 0.48
    beta: float = 0.52
    """The probability that a sample for a question is right follows Beta(alpha, beta) over the questions."""
    fails: float = 0.42
    """Of the programs that are not right, the share that does not run: half are refused by the static check."""
    repair: float = 0.0
    """Of the samples that would not be right, the share that is when a program that failed is shown."""
    gives_n: bool = False
    """Whether a request for several completions is given them all; otherwise it is given one."""
    completion_tokens: int = 120
    """On average; with a geometric tail."""
    latency: float = 0.0
    slots: int = 1000
    """Requests answered at once; more wait."""
    seed: int = 0

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        prompt = body["messages"][-1]["content"]
        first = _first_sample(body["seed"])
        samples = range(first, first + (body.get("n", 1) if self.gives_n else 1))
        choices = [
            {"index": i, "finish_reason": "stop", "message": {"content": self.program(prompt, sample)}}
            for i, sample in enumerate(samples)
        ]
        fixed, *rest = (_tokens(message["content"]) for message in body["messages"])
        cached = fixed // _BLOCK * _BLOCK if fixed >= _FROM else 0
        return {
            "choices": choices,
            "usage": {
                "prompt_tokens": fixed + sum(rest),
                "prompt_tokens_details": {"cached_tokens": cached},
                "completion_tokens": sum(self.tokens(prompt, sample) for sample in samples),
            },
        }

    def program(self, prompt: str, sample: int) -> str:
        question = prompt.partition("Question: ")[2].partition("\n")[0]
        skill = random.Random(f"{self.seed} {question}").betavariate(self.alpha, self.beta)
        if "It failed on line" in prompt:
            skill += (1 - skill) * self.repair
        luck = random.Random(f"{self.seed} {question} {sample}")
        if luck.random() < skill:
            text = RIGHT
        elif luck.random() < self.fails:
            text = luck.choice([CRASHES, REJECTED])
        else:
            text = WRONG
        # A number of its own, since no two mistakes are the same.
        return text.replace("{colour}", question.split()[2]).replace("{off}", str(50 + sample))

    def tokens(self, prompt: str, sample: int) -> int:
        luck = random.Random(f"length {prompt} {sample}").random()
        return 40 - math.floor(math.log(1 - luck) * (self.completion_tokens - 40))


@lru_cache(maxsize=1000)
def _tokens(content: str) -> int:
    return text_tokens(content)


@cache
def _first_samples() -> dict[int | None, int]:
    request = Request(messages=(Message(role="user", content=""),), seed=0)
    return {request.seed_of(sample): sample for sample in range(_SAMPLES)}


def _first_sample(seed: int) -> int:
    """A request names its first sample by its seed."""
    return _first_samples()[seed]


@contextmanager
def serve(provider: Provider) -> Generator[str]:
    """Run the provider in a process of its own; gives its base URL."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_main, args=(provider, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def _main(provider: Provider, port: Connection) -> None:
    asyncio.run(_serve(provider, port))


async def _serve(provider: Provider, port: Connection) -> None:
    slots = asyncio.Semaphore(provider.slots)

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                body = json.loads(await reader.readexactly(length))
                async with slots:
                    await asyncio.sleep(provider.latency)
                    answer = json.dumps(provider.reply(body)).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
                writer.write(head.encode() + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=1024)
    port.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
