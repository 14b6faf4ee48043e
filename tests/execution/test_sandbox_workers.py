"""Worker processes: many programs at once, and what happens when one is killed or nobody waits for it any more."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.execution.running import Host, run, two_animals
from vpd.execution.calls import ApiCall, ApiValue
from vpd.execution.check import Checker
from vpd.execution.limits import Limits
from vpd.execution.sandbox import Sandbox

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the workers in /proc")

TWO_CALLS = (
    "def execute_command(image):\n    n = len(image.find('dog'))\n    return f'{n} {image.simple_query()}'"
)


def workers() -> set[int]:
    """The process ids of this process's living children."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == os.getpid() and state != "Z":
                found.add(int(entry.name))
    return found


class Killing(Host):
    """Kills workers from outside before it answers, a number of times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def call(self, call: ApiCall) -> ApiValue:
        if self.times:
            self.times -= 1
            for worker in workers():
                os.kill(worker, signal.SIGKILL)
        return await super().call(call)


async def test_as_many_programs_as_workers_wait_for_tools_at_once() -> None:
    everyone_is_here = asyncio.Barrier(20)

    class Patient(Host):
        async def call(self, call: ApiCall) -> ApiValue:
            await everyone_is_here.wait()
            return await super().call(call)

    async with Sandbox(workers=20) as sandbox, asyncio.timeout(30):
        outcomes = await asyncio.gather(*(run(sandbox, TWO_CALLS, Patient()) for _ in range(20)))
    assert {outcome.answer for outcome in outcomes} == {"2 brown"}


async def test_a_program_whose_worker_is_killed_runs_once_more() -> None:
    async with Sandbox(workers=2) as sandbox:
        undisturbed = await run(sandbox, TWO_CALLS)
        host = Killing(1)
        assert await run(sandbox, TWO_CALLS, host) == undisturbed
        assert len(host.calls) == 3


async def test_a_program_whose_workers_are_killed_twice_is_an_error() -> None:
    async with Sandbox(workers=2) as sandbox:
        outcome = await run(sandbox, TWO_CALLS, Killing(2))
        assert outcome.error
        assert (outcome.status, outcome.error.type) == ("error", "WorkerCrash")
        assert (await run(sandbox, TWO_CALLS)).answer == "2 brown"


async def test_workers_that_are_killed_while_they_compute_do_not_hang_the_run() -> None:
    busy = "def execute_command(image):\n    return sum(range(10**12))"
    async with Sandbox(Limits(seconds=20), workers=3) as sandbox, asyncio.timeout(15):
        programs = [asyncio.create_task(run(sandbox, busy)) for _ in range(3)]
        for _ in range(60):
            await asyncio.sleep(0.1)
            for worker in workers():
                os.kill(worker, signal.SIGKILL)
            if all(program.done() for program in programs):
                break
        assert {program.result().status for program in programs} == {"error"}
        assert (await run(sandbox, TWO_CALLS)).answer == "2 brown"


async def test_a_check_survives_the_death_of_its_worker() -> None:
    async with Sandbox(workers=1) as sandbox:
        assert (await sandbox.check(TWO_CALLS)).status == "ok"
        for worker in workers():
            os.kill(worker, signal.SIGKILL)
        assert (await sandbox.check("def execute_command(image):\n    return nobody")).status == "rejected"


async def test_a_check_survives_the_end_of_one_before_it() -> None:
    async with Checker(workers=1) as checker:
        for attempt in range(5):
            task = asyncio.create_task(
                checker.check(f"def execute_command(image):\n    return nobody{attempt}")
            )
            await asyncio.sleep(0.002 * attempt)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            result = await checker.check(f"def execute_command(image):\n    return {attempt}, somebody")
            assert result.error
            assert "somebody" in result.error.message


@pytest.mark.parametrize("waits_for", ["a tool", "itself"])
async def test_cancelling_a_program_frees_its_worker(waits_for: str) -> None:
    class Hanging(Host):
        async def call(self, call: ApiCall) -> ApiValue:
            await asyncio.Event().wait()
            raise AssertionError

    endless = "def execute_command(image):\n    while True: pass"
    async with Sandbox(Limits(seconds=30), workers=1) as sandbox, asyncio.timeout(15):
        program = TWO_CALLS if waits_for == "a tool" else endless
        task = asyncio.create_task(run(sandbox, program, Hanging()))
        await asyncio.sleep(0.5)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await run(sandbox, TWO_CALLS)).answer == "2 brown"


async def test_waiting_for_tools_counts_against_the_total_time_only() -> None:
    class Slow(Host):
        async def call(self, call: ApiCall) -> ApiValue:
            await asyncio.sleep(0.4)
            return two_animals(call)

    async with Sandbox(Limits(seconds=0.3), workers=1) as sandbox:
        assert (await run(sandbox, TWO_CALLS, Slow())).status == "ok"
    async with Sandbox(Limits(total_seconds=0.6), workers=1) as sandbox:
        outcome = await run(sandbox, TWO_CALLS, Slow())
        assert outcome.status == "timeout"
        assert [step.tool for step in outcome.steps if step.kind == "call"] == ["find"]


async def test_closing_leaves_no_process_behind() -> None:
    before = workers()
    async with Sandbox(workers=4) as sandbox:
        await asyncio.gather(*(run(sandbox, TWO_CALLS) for _ in range(4)))
        assert workers() > before
    assert workers() <= before


CLEAN_EXIT = """
    import asyncio
    from vpd.execution.limits import Limits
    from vpd.execution.sandbox import ProgramInputs, Sandbox

    class Host:
        async def call(self, call):
            await asyncio.sleep(0)
            return True

    async def main():
        async with Sandbox(Limits(seconds=5), workers=8) as sandbox:
            def start(text):
                program = "def execute_command(image):\\n    " + text
                return asyncio.create_task(sandbox.run(program, ProgramInputs(((9, 9),)), Host()))
            good = [start("return image.exists('x')") for _ in range(40)]
            await asyncio.gather(*good)
            endless = [start("while True: pass") for _ in range(4)]
            await asyncio.sleep(0.2)
            for task in endless:
                task.cancel()
            await asyncio.gather(*endless, return_exceptions=True)
            print((await start("return image.exists('x')")).answer)

    asyncio.run(main())
"""


@pytest.mark.parametrize("attempt", range(5))
def test_the_interpreter_exits_cleanly_after_heavy_use(attempt: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", dedent(CLEAN_EXIT)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "yes\n", "")
