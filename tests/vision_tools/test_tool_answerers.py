"""Answerers: tiny vision-language models in process, and a real HTTP server."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import tiny_models
import torch
from PIL import Image

from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.regions import Region
from vision_tools.registry import create
from vision_tools.roles import Answerer, AnswerQuery

QUESTIONS = ("what is this", "is this a red cube or a blue cat", "what")


@pytest.fixture(scope="module", params=["qwen3_vl", "blip2"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    torch.manual_seed(0)
    return getattr(tiny_models, request.param)(tmp_path_factory.mktemp("models") / request.param)


def test_a_batch_gives_what_each_call_gives_alone(settings: dict[str, Any], noise: list[Region]) -> None:
    queries = [AnswerQuery(region, QUESTIONS[i % 3]) for i, region in enumerate(noise)]
    together: Any = create("answerer", "transformers", {**settings, "batch_size": 3})
    alone: Any = create("answerer", "transformers", settings)
    assert isinstance(together, Answerer)
    answers = together.answer(queries)
    assert answers == [alone.answer([query])[0] for query in queries]
    assert all(answers)


def test_the_model_is_shared_between_tools(settings: dict[str, Any]) -> None:
    one: Any = create("answerer", "transformers", settings)
    other: Any = create("answerer", "transformers", {**settings, "max_new_tokens": 2})
    assert one._model is other._model
    assert one.identity != other.identity


class _Server(BaseHTTPRequestHandler):
    """Speaks the chat completions protocol: answers with the size of the image it was sent."""

    seen: list[dict[str, Any]]
    failures: list[int]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append(body)
        if self.failures:
            self._send(self.failures.pop(), {"error": {"message": "not now"}}, {"Retry-After": "0"})
            return
        image, question = body["messages"][1]["content"]
        data = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/png;base64,"))
        width, height = Image.open(io.BytesIO(data)).size
        text = "" if question["text"] == "silence" else f"{width}x{height}"
        message = {"role": "assistant", "content": text}
        self._send(200, {"id": "1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    _Server.seen, _Server.failures = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def endpoint(server: ThreadingHTTPServer, **settings: Any) -> Any:
    url = f"http://127.0.0.1:{server.server_port}/v1"
    return create("answerer", "endpoint", {"model": "m", "base_url": url, "margin": 0, **settings})


def test_an_endpoint_sees_each_region_and_answers_in_order(
    server: ThreadingHTTPServer, noise: list[Region]
) -> None:
    answers = endpoint(server).answer([AnswerQuery(region, "what is this") for region in noise[:4]])
    assert answers == ["60x40", "60x40", "40x60", "90x60"]
    assert {message["messages"][0]["content"] for message in _Server.seen} == {
        "Answer with a single word or phrase."
    }


def test_large_images_are_scaled_down_before_they_are_sent(
    server: ThreadingHTTPServer, noise: list[Region]
) -> None:
    assert endpoint(server, max_side=45).answer([AnswerQuery(noise[3], "what")]) == ["45x30"]


@pytest.mark.parametrize("status", [429, 500])
def test_a_passing_failure_is_tried_again(
    server: ThreadingHTTPServer, noise: list[Region], status: int
) -> None:
    _Server.failures = [status, status]
    assert endpoint(server).answer([AnswerQuery(noise[0], "what")]) == ["60x40"]
    assert len(_Server.seen) == 3


def test_a_lasting_failure_is_an_error_with_its_reason(
    server: ThreadingHTTPServer, noise: list[Region]
) -> None:
    _Server.failures = [401]
    with pytest.raises(ToolError, match="the endpoint answered 401.*not now"):
        endpoint(server).answer([AnswerQuery(noise[0], "what")])


def test_an_empty_answer_is_an_error(server: ThreadingHTTPServer, noise: list[Region]) -> None:
    with pytest.raises(ToolError, match="gave no answer to 'silence'"):
        endpoint(server).answer([AnswerQuery(noise[0], "silence")])


def test_a_server_that_is_not_there_is_an_error(server: ThreadingHTTPServer, noise: list[Region]) -> None:
    tool = create("answerer", "endpoint", {"model": "m", "base_url": "http://127.0.0.1:9/v1", "retries": 0})
    with pytest.raises(ToolError, match=r"no answer from http://127.0.0.1:9/v1.*is it running"):
        tool.answer([AnswerQuery(noise[0], "what")])  # type: ignore[attr-defined]


def test_a_missing_key_says_which_variable_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ToolUnavailable, match="export MY_KEY="):
        create("answerer", "endpoint", {"model": "m", "api_key_env": "MY_KEY"})


def test_the_key_is_no_part_of_the_identity(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "secret" not in endpoint(server).identity
