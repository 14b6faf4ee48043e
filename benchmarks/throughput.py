"""Programs per second against `exec`, one at a time and in a thread pool, on tools of known cost.

python -m benchmarks throughput
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from benchmarks.baselines import run_directly
from benchmarks.results import Report
from benchmarks.workload import SimulatedAnswerer, SimulatedDetector, programs
from vision_tools.regions import Picture
from vpd.execution.broker import Broker
from vpd.execution.cache import ResultCache
from vpd.execution.host import ToolHost
from vpd.execution.limits import Limits
from vpd.execution.sandbox import ProgramInputs, Sandbox

QUESTIONS, CONCURRENCY, THREADS = 400, 128, 16
# The baselines take minutes for what we do in seconds: they get a fixed part of the work.
BASELINE_QUESTIONS = 10


class Measured(NamedTuple):
    name: str
    programs: int
    seconds: float
    calls: int
    batch: float

    @property
    def rate(self) -> float:
        return self.programs / self.seconds


def main() -> None:
    work = [
        (Picture(f"{question:064x}", lambda: Image.new("RGB", (100, 100))), program)
        for question in range(QUESTIONS)
        for program in programs(question)
    ]
    few = work[: BASELINE_QUESTIONS * 5]
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache.sqlite"
        rows = [
            baseline("sequential exec", few, threads=1),
            baseline(f"thread pool of exec ({THREADS})", few, threads=THREADS),
            asyncio.run(ours("vpd, cache off", work, None)),
            asyncio.run(ours("vpd, cache on, first run", work, cache)),
            asyncio.run(ours("vpd, cache on, second run", work, cache)),
        ]
    sequential = rows[0].rate
    report = Report("throughput")
    report.table(
        ("", "programs", "programs/s", "tool calls/s", "mean batch", "times sequential"),
        [
            (
                r.name,
                r.programs,
                f"{r.rate:.1f}",
                f"{r.calls / r.seconds:.0f}",
                f"{r.batch:.1f}",
                f"{r.rate / sequential:.1f}",
            )
            for r in rows
        ],
    )
    report.bars("Programs per second", [(r.name, r.rate) for r in rows], logarithmic=True)
    report.write(
        f"Five programs for each of {QUESTIONS} questions ({BASELINE_QUESTIONS} for the baselines), "
        "tools of 20 ms a batch and 1 ms a call, one device per tool."
    )


def baseline(name: str, work: list[tuple[Picture, str]], threads: int) -> Measured:
    detector, answerer = SimulatedDetector(), SimulatedAnswerer()
    started = time.perf_counter()
    run_directly(work, detector, answerer, threads)
    seconds = time.perf_counter() - started
    return Measured(name, len(work), seconds, len(detector.batches) + len(answerer.batches), 1.0)


async def ours(name: str, work: list[tuple[Picture, str]], cache: Path | None) -> Measured:
    detector, answerer = SimulatedDetector(), SimulatedAnswerer()
    store = ResultCache(cache) if cache else None
    tools = {"detector": detector, "attributes": detector, "answerer": answerer}
    broker = Broker(tools, store, 30)
    room = asyncio.Semaphore(CONCURRENCY)
    async with Sandbox(Limits(), workers=CONCURRENCY) as sandbox:

        async def one(picture: Picture, program: str) -> str:
            await room.acquire()
            inputs = ProgramInputs(images=((100, 100),))
            async with broker.program():
                try:
                    outcome = await sandbox.run(program, inputs, ToolHost(broker, [picture], inputs.images))
                finally:
                    room.release()
            return outcome.status

        await one(*work[0])  # workers and caches of the interpreter are warm, as those of the baselines are
        started = time.perf_counter()
        statuses = await asyncio.gather(*(one(*item) for item in work))
        seconds = time.perf_counter() - started
    await broker.close()
    assert set(statuses) <= {"ok"}, set(statuses)
    counts = list(broker.statistics.values())
    batches = sum(each.batches for each in counts)
    return Measured(
        name,
        len(work),
        seconds,
        sum(each.calls for each in counts),
        sum(each.batched_calls for each in counts) / batches if batches else 0.0,
    )


if __name__ == "__main__":
    main()
