"""One sandbox for the tests of a file."""

from collections.abc import AsyncIterator

import pytest_asyncio

from vpd.execution.limits import Limits
from vpd.execution.sandbox import Sandbox

SMALL = Limits(
    seconds=1.0,
    total_seconds=20,
    memory_mb=32,
    recursion=200,
    tool_calls=50,
    output_chars=1000,
    trace_steps=200,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(SMALL, workers=8) as opened:
        yield opened
