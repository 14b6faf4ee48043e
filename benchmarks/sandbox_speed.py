"""What the sandbox and the trace cost: real programs on stub tools that answer at once.

    python -m benchmarks sandbox_speed

Wall time is per program with 64 programs in flight, the best of three passes; CPU time is that of this process and
of the workers together. Without trace, the same instrumented programs run and nothing is kept.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.fidelity import DATA, TOGETHER, Source, load
from benchmarks.reference.stub_tools import SIZES, StubHost
from vpd.execution.check import Checker
from vpd.execution.limits import Limits
from vpd.execution.sandbox import ProgramInputs, Sandbox


def cpu() -> float:
    """CPU seconds of this process and of its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def check(sources: Sequence[Source]) -> tuple[float, list[Source]]:
    """Wall seconds of checking all programs, and the programs that pass."""
    async with Checker() as checker:
        await checker.check("def execute_command(image):\n    return 'the first check of a worker is slow'")
        start = time.perf_counter()
        results = await asyncio.gather(*(checker.check(source.program) for source in sources))
        wall = time.perf_counter() - start
    return wall, [source for source, result in zip(sources, results, strict=True) if result.status == "ok"]


class Passes(NamedTuple):
    wall: float
    """Seconds of the fastest pass over the programs."""
    calls: float
    """Tool calls per program."""
    steps: float
    """Steps per program."""


async def run(sources: Sequence[Source], limits: Limits, passes: int) -> Passes:
    """Run all programs a number of times."""
    room = asyncio.Semaphore(TOGETHER)
    calls = steps = 0
    walls: list[float] = []
    async with Sandbox(limits, workers=TOGETHER) as sandbox:
        await asyncio.gather(*(sandbox.check(source.program) for source in sources))

        async def one(source: Source) -> None:
            nonlocal calls, steps
            async with room:
                host = StubHost(1)
                outcome = await sandbox.run(source.program, ProgramInputs(SIZES), host)
            calls += len(host.calls)
            steps += len(outcome.steps)

        await asyncio.gather(*(one(source) for source in sources[:TOGETHER]))  # starts the workers
        calls = steps = 0
        for _ in range(passes):
            start = time.perf_counter()
            await asyncio.gather(*(one(source) for source in sources))
            walls.append(time.perf_counter() - start)
    runs = passes * len(sources)
    return Passes(min(walls), calls / runs, steps / runs)


def measure(sources: Sequence[Source], limits: Limits) -> tuple[Passes, float]:
    """The passes, and CPU seconds of one pass: what three of them take more than one, all else being equal."""
    before = cpu()
    asyncio.run(run(sources, limits, 1))
    between = cpu()
    passes = asyncio.run(run(sources, limits, 3))
    return passes, ((cpu() - between) - (between - before)) / 2


def main() -> None:
    if not DATA.exists():
        sys.exit(f"the real programs are not here ({DATA})")
    sources = load()[::2]
    wall, good = asyncio.run(check(sources))
    print(f"{'static check':24}{1000 * wall / len(sources):6.2f} ms a program")
    for name, limits in (("run, without trace", Limits(trace_steps=0)), ("run, with trace", Limits())):
        passes, seconds = measure(good, limits)
        n = len(good)
        print(
            f"{name:24}{1000 * passes.wall / n:6.2f} ms a program ({n / passes.wall:.0f} programs/s), "
            f"{1000 * seconds / n:.2f} ms of CPU; {passes.calls:.1f} tool calls, {passes.steps:.1f} steps"
        )


if __name__ == "__main__":
    main()
