"""Does the sandbox run programs as CPython does? Real programs, the same stub tools, both interpreters.

    python -m benchmarks fidelity

Every program of `../shared/data/{visual_programs,llm_programs}.jsonl` runs over five seeds of deterministic stub
tools, in plain CPython (child processes behind walls: the programs are untrusted) and in the sandbox. A seed agrees
when answers and sequences of tool calls are equal; a program agrees when every seed does on which CPython ends
without an exception. Takes about two minutes on two cores.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.reference.stub_tools import SIZES, StubHost
from vpd.execution.sandbox import ProgramInputs, Sandbox

DATA = Path(__file__).parents[2] / "shared" / "data"
SEEDS = tuple(range(5))
TOGETHER = 64


class Source(NamedTuple):
    id: str
    program: str


class Ran(NamedTuple):
    """One program with one seed in one interpreter."""

    status: str
    answer: str | None
    calls: list[Any]
    why: str = ""


class Difference(NamedTuple):
    id: str
    seed: int
    cpython: Ran
    sandbox: Ran


def load(data: Path = DATA) -> list[Source]:
    """The real programs."""
    sources: list[Source] = []
    with (data / "visual_programs.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            sources.append(Source(row["id"], row["program"]))
    with (data / "llm_programs.jsonl").open() as lines:
        for number, line in enumerate(lines):
            for index, program in enumerate(json.loads(line)["programs"]):
                sources.append(Source(f"q{number:03d}.{index}", program))
    return sources


def in_cpython(sources: Sequence[Source], seeds: Sequence[int] = SEEDS) -> list[list[Ran]]:
    """One list per program, one run per seed; a program that kills its process has none."""
    ran: list[list[Ran]] = []
    child: subprocess.Popen[str] | None = None
    for source in sources:
        child = child or subprocess.Popen(
            [sys.executable, "-m", "benchmarks.reference.cpython"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            env={"PYTHONHASHSEED": "0"},
        )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({"program": source.program, "seeds": list(seeds)}) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
        if line:
            ran.append([Ran(**each) for each in json.loads(line)])
        else:
            child.kill()
            child.wait()
            child = None
            ran.append([])
    if child is not None:
        child.communicate()
    return ran


async def in_sandbox(sources: Sequence[Source], seeds: Sequence[int] = SEEDS) -> list[list[Ran]]:
    """One list per program, one run per seed."""
    room = asyncio.Semaphore(TOGETHER)
    async with Sandbox(workers=TOGETHER) as sandbox:

        async def run(source: Source, seed: int) -> Ran:
            async with room:
                host = StubHost(seed)
                end = await sandbox.run(source.program, ProgramInputs(SIZES), host)
            why = f"{end.error.type}: {end.error.message}" if end.error else ""
            return Ran(end.status, end.answer, host.calls, why)

        rows = await asyncio.gather(*(run(source, seed) for source in sources for seed in seeds))
    return [list(rows[start : start + len(seeds)]) for start in range(0, len(rows), len(seeds))]


def differences(sources: Sequence[Source], cpython: list[list[Ran]], sandbox: list[list[Ran]]) -> list[Difference]:
    """The first seed of each program on which CPython ends without an exception and the sandbox differs."""
    found: list[Difference] = []
    for source, ours, theirs in zip(sources, sandbox, cpython, strict=True):
        for seed, (a, b) in enumerate(zip(theirs, ours, strict=False)):
            if a.status in ("ok", "no_answer") and (a.status, a.answer, a.calls) != (b.status, b.answer, b.calls):
                found.append(Difference(source.id, seed, a, b))
                break
    return found


def main() -> None:
    sources = load()
    start = time.perf_counter()
    cpython = in_cpython(sources)
    middle = time.perf_counter()
    sandbox = asyncio.run(in_sandbox(sources))
    end = time.perf_counter()
    runs = [sum(each.status in ("ok", "no_answer") for each in seeds) for seeds in cpython]
    ran = sum(count > 0 for count in runs)
    found = differences(sources, cpython, sandbox)
    print(f"programs                                {len(sources):6d}")
    print(f"that run in CPython on some seed        {ran:6d}")
    print(f"of these, equal in the sandbox          {ran - len(found):6d}  ({(ran - len(found)) / ran:.2%})")
    print(f"CPython {middle - start:.0f} s, sandbox {end - middle:.0f} s")
    print("statuses in the sandbox:", dict(Counter(each.status for seeds in sandbox for each in seeds)))
    for each in found:
        print(f"{each.id} seed {each.seed}: {each.cpython.status} {each.cpython.answer!r} ({len(each.cpython.calls)} calls)"
              f" / {each.sandbox.status} {each.sandbox.answer!r} ({len(each.sandbox.calls)} calls) {each.sandbox.why}")


if __name__ == "__main__":
    main()
