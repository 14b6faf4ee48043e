"""Does the sandbox run programs as CPython does? Real programs, the same stub tools, both interpreters.

    python -m benchmarks fidelity

Every program of `../shared/data/{visual_programs,llm_programs}.jsonl` runs over five seeds of deterministic stub
tools, in plain CPython (child processes behind walls: the programs are untrusted) and in the sandbox. A program is
equal when answers and sequences of tool calls are, on every seed on which CPython ends without an exception. Takes
about five minutes on two cores.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.reference.stub_tools import SIZES, StubHost
from vpd.execution.sandbox import ProgramInputs, Sandbox
from vpd.execution.walls import launch, python_files

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
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

    @property
    def ended(self) -> bool:
        """Whether it ended by itself, without an exception."""
        return self.status in ("ok", "no_answer")


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


def in_cpython(
    sources: Sequence[Source], seeds: Sequence[int] = SEEDS, hash_seed: int = 0
) -> list[list[Ran]]:
    """One list per program, one run per seed; a program that kills its process has none."""
    command = launch(
        sys.executable,
        [*python_files(), sys.prefix, str(ROOT)],
        memory=4 * 2**30,
        environment={"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
    )
    ran: list[list[Ran]] = []
    child: subprocess.Popen[str] | None = None
    for source in sources:
        child = child or subprocess.Popen(
            [*command, "-m", "benchmarks.reference.cpython"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
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
            child.communicate()
            child = None
            ran.append([])
            if not any(ran):
                raise RuntimeError("the reference does not start: see benchmarks/reference/cpython.py")
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


def differences(
    sources: Sequence[Source], cpython: Sequence[Sequence[Ran]], sandbox: Sequence[Sequence[Ran]]
) -> list[Difference]:
    """For each program the first seed on which CPython ends without an exception and the sandbox differs."""
    found: list[Difference] = []
    for source, theirs, ours in zip(sources, cpython, sandbox, strict=True):
        for seed, (a, b) in enumerate(zip(theirs, ours, strict=False)):
            if a.ended and (a.status, a.answer, a.calls) != (b.status, b.answer, b.calls):
                found.append(Difference(source.id, seed, a, b))
                break
    return found


def causes(sources: Sequence[Source], found: Sequence[Difference]) -> dict[str, str]:
    """Why each program differs, by id, in the words of `docs/sandbox.md`."""
    told: dict[str, str] = {}
    for each in found:
        if each.sandbox.status == "rejected":
            told[each.id] = "refused: a line that cannot run, which CPython did not reach"
        elif each.sandbox.status == "unsupported":
            told[each.id] = "unsupported: " + each.sandbox.why
    unclear = [source for source in sources if source.id in {each.id for each in found} - told.keys()]
    worlds = [in_cpython(unclear, hash_seed=hash_seed) for hash_seed in range(1, 6)]
    for source, *runs in zip(unclear, *worlds, strict=True):
        varies = any(run != runs[0] for run in runs)
        told[source.id] = "order of a set: CPython differs from itself" if varies else "unexplained"
    return told


def main() -> None:
    sources = load()
    start = time.perf_counter()
    cpython = in_cpython(sources)
    middle = time.perf_counter()
    sandbox = asyncio.run(in_sandbox(sources))
    end = time.perf_counter()
    found = {each.id: each for each in differences(sources, cpython, sandbox)}
    print(
        f"{len(sources)} programs, {len(SEEDS)} seeds; CPython {middle - start:.0f} s, sandbox {end - middle:.0f} s"
    )
    print(
        f"{'ends without an exception in CPython':40}{'programs':>10}{'refused':>10}{'equal':>10}{'of the rest':>14}"
    )
    for name, needed in (("on every seed", len(SEEDS)), ("on some seed", 1)):
        ran = [
            s.id for s, seeds in zip(sources, cpython, strict=True) if sum(r.ended for r in seeds) >= needed
        ]
        refused = [each for each in ran if each in found and found[each].sandbox.status == "rejected"]
        equal = [each for each in ran if each not in found]
        share = len(equal) / (len(ran) - len(refused))
        print(f"{name:40}{len(ran):10}{len(refused):10}{len(equal):10}{share:14.2%}")
    print("statuses in the sandbox:", dict(Counter(each.status for seeds in sandbox for each in seeds)))
    why = causes(sources, list(found.values()))
    for reason, number in Counter(why.values()).most_common():
        print(f"\n{reason}: {number}")
        for each in found.values():
            if why[each.id] == reason:
                answers = f"{each.cpython.answer!r} / {each.sandbox.answer!r}"
                print(f"  {each.id} seed {each.seed}: {answers} {each.sandbox.why}")


if __name__ == "__main__":
    main()
