"""A process that asks many questions through the cache; the crash tests kill it."""

import asyncio
from pathlib import Path

from vpd.language_models.cached import CachedModel
from vpd.language_models.database import Database
from vpd.language_models.openai import OpenAIModel
from vpd.language_models.protocol import Message, Request
from vpd.language_models.settings import OpenAISettings

QUESTIONS = 150
SAMPLES = 3
IN_FLIGHT = 8


def question(number: int) -> Request:
    return Request(messages=(Message(role="user", content=f"question {number}"),), n=SAMPLES, seed=number)


def settings(url: str) -> OpenAISettings:
    return OpenAISettings(model="m", base_url=url, api_key_env=None, max_concurrency=IN_FLIGHT)


def drive(url: str, cache: Path) -> None:
    """Ask every question once."""
    asyncio.run(_drive(url, cache))


async def _drive(url: str, cache: Path) -> None:
    model = CachedModel(OpenAIModel(settings(url)), Database(cache))
    await asyncio.gather(*(model.complete(question(number)) for number in range(QUESTIONS)))
    await model.close()
