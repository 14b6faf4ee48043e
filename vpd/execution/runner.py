"""Runs candidates: the sandbox, the broker and the tools, held open for a stage."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from vpd.execution.broker import Broker
from vpd.execution.cache import ResultCache
from vpd.execution.changed import Change, changed_picture, changed_size
from vpd.execution.host import ToolHost
from vpd.execution.images import ImageStore
from vpd.execution.sandbox import ProgramInputs, Sandbox
from vpd.execution.services import Service
from vpd.execution.settings import ExecutionSettings, ToolSettings
from vpd.execution.statistics import ToolStatistics
from vpd.execution.tools import make_tools
from vpd.inputs.settings import DataSettings
from vpd.records import Candidate, ErrorInfo, Example, Execution


class Runner:
    """An asynchronous context manager; while it is entered, `run` may be called many times at once."""

    def __init__(
        self,
        settings: ExecutionSettings,
        tools: Mapping[str, ToolSettings],
        data: DataSettings,
        cache: Path | None,
    ) -> None:
        """
        Args:
            settings: the limits.
            tools: which tool plays which role.
            data: where the images are, and what is known of them.
            cache: the file that tool results are kept in; None to ask the tools every time.

        Raises:
            UserError: a tool is not known, or cannot be made here.
        """
        self._settings = settings
        self._cache = ResultCache(cache) if cache else None
        self._tools = make_tools(tools, data)
        self._images = ImageStore(data.images)
        self._sandbox = Sandbox(self._settings.limits, workers=self._settings.concurrency)
        self._room = asyncio.Semaphore(self._settings.concurrency)

    async def __aenter__(self) -> Self:
        self._broker = Broker(self._tools, self._cache, self._settings.tool_seconds)
        await self._sandbox.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sandbox.__aexit__(kind, error, trace)
        await self._broker.close()
        if self._cache:
            self._cache.close()

    @property
    def statistics(self) -> dict[Service, ToolStatistics]:
        return self._broker.statistics

    async def run(self, example: Example, candidate: Candidate, change: Change | None = None) -> Execution:
        """Run one program; whatever it does, it ends in one typed status.

        Args:
            example: what it is asked about.
            candidate: the program.
            change: a change to make to the images first.
        """
        problem = candidate.problem or example.problem
        if problem:
            status = "rejected" if candidate.problem else "error"
            kind = "NoProgram" if candidate.problem else "UnreadableInput"
            return Execution(
                example_id=example.id,
                index=candidate.index,
                status=status,
                error=ErrorInfo(type=kind, message=problem),
            )
        inputs = ProgramInputs(
            images=tuple((image.width, image.height) for image in example.images),
            video=example.video,
            question=example.question,
            choices=example.choices,
        )
        pictures = [self._images.picture(image) for image in example.images]
        if change is not None:
            inputs = replace(inputs, images=tuple(changed_size(size, change) for size in inputs.images))
            pictures = [changed_picture(picture, change) for picture in pictures]
        host = ToolHost(self._broker, pictures, inputs.images)
        await self._room.acquire()
        async with self._broker.program():
            try:
                outcome = await self._sandbox.run(candidate.program, inputs, host)
            finally:
                # Before this program ends for the broker: the next one is to start before a batch is sent.
                self._room.release()
        return Execution(
            example_id=example.id,
            index=candidate.index,
            status=outcome.status,
            answer=outcome.answer,
            error=outcome.error,
            steps=outcome.steps,
            steps_dropped=outcome.steps_dropped,
        )
