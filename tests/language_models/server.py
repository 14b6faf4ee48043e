"""An OpenAI-compatible server on this machine that answers, and misbehaves, as a script tells it."""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Answer:
    """What goes over the wire for one request."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    reset: bool = False
    """Reset the connection in place of an answer."""
    stall: bool = False
    """Never answer."""
    drip: bool = False
    """Send the head, then a byte of white space every 50 ms, for ever."""
    cut: int | None = None
    """Close the connection after so many bytes of the body."""


@dataclass
class Exchange:
    """One request as the server saw it."""

    number: int
    body: Json
    headers: dict[str, str]
    begun: float
    """By the monotonic clock."""
    sent: float | None = None
    """When the last byte of the answer was handed to the system."""
    reply: Json | None = None

    @property
    def n(self) -> int:
        return self.body.get("n", 1)

    @property
    def prompt(self) -> str:
        return self.body["messages"][-1]["content"]


Script = Callable[[Exchange], Answer]


def choice(text: str | None, log_probabilities: list[float] | None = None, **fields: Any) -> Json:
    message = {"role": "assistant", "content": text} | fields.pop("message", {})
    logprobs = None
    if log_probabilities is not None:
        logprobs = {"content": [{"token": "t", "logprob": p} for p in log_probabilities]}
    return {"index": 0, "finish_reason": "stop", "message": message, "logprobs": logprobs} | fields


def reply(*choices: Json | str, prompt_tokens: int = 10, completion_tokens: int = 5, **answer: Any) -> Answer:
    """A sound reply with these choices."""
    body = {
        "object": "chat.completion",
        "choices": [choice(c) if isinstance(c, str) else c for c in choices],
        "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens * len(choices)},
    }
    return Answer(json.dumps(body).encode(), **answer)


def error(
    status: int, message: str = "no", code: str | None = None, param: str | None = None, **headers: str
):
    body = {"error": {"message": message, "code": code, "param": param, "type": None}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(json.dumps(body).encode(), status=status, headers=named)


class Server:
    """Serves from a thread of its own; `log` holds every request in the order of arrival."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.log: list[Exchange] = []
        self.asked = threading.Event()
        """Set once the first request is there."""
        self.in_flight = 0
        self.most_in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> "Server":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main())
        self._loop.close()

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=1024)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))))
        exchange = Exchange(len(self.log), body, headers, time.monotonic())
        self.log.append(exchange)
        self.asked.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            answer = self.script(exchange)
            await asyncio.sleep(answer.delay)
            return await self._send(answer, exchange, writer)
        finally:
            self.in_flight -= 1

    async def _send(self, answer: Answer, exchange: Exchange, writer: asyncio.StreamWriter) -> bool:
        if answer.stall:
            await asyncio.sleep(3600)
        if answer.reset:
            # With a linger time of zero, closing sends RST in place of FIN.
            raw: socket.socket = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        length = 10_000 if answer.drip else len(answer.body)
        head = {"Content-Type": "application/json", "Content-Length": str(length)} | answer.headers
        lines = [f"HTTP/1.1 {answer.status} OK", *(f"{k}: {v}" for k, v in head.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        while answer.drip:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.write(answer.body[: answer.cut])
        await writer.drain()
        if answer.cut is not None:
            return False
        exchange.sent = time.monotonic()
        if answer.status == 200:
            try:
                exchange.reply = json.loads(answer.body)
            except ValueError:
                exchange.reply = None
        return True
