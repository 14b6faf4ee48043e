"""What the tests of the language models share: a scripted server, models that talk to it, a tiny real model."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_asyncio

from vpd.language_models.database import Database
from vpd.language_models.openai import OpenAIModel
from vpd.language_models.protocol import Message, Request
from vpd.language_models.settings import OpenAISettings

from .server import Script, Server

KEY = "key-5f2c9a7e41"

# A machine under load must not fail a property.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def ask(text: str = "How many cubes?", **fields: Any) -> Request:
    return Request(messages=(Message(role="user", content=text),), **fields)


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Server]]:
    """Start a server that follows a script."""
    with ExitStack() as stack:
        yield lambda script: stack.enter_context(Server(script))


@pytest_asyncio.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., OpenAIModel]]:
    """Make a model that talks to a server; it gives up sooner than it would by default."""
    monkeypatch.setenv("TEST_KEY", KEY)
    models: list[OpenAIModel] = []

    def make(server: Server, **settings: Any) -> OpenAIModel:
        defaults = {"model": "m", "base_url": server.url, "api_key_env": "TEST_KEY", "max_attempts": 2}
        models.append(OpenAIModel(OpenAISettings(**(defaults | settings))))
        return models[-1]

    yield make
    for model in models:
        await model.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "responses.sqlite")
    yield database
    database.close()
