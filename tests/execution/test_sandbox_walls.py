"""The second wall: what a launched process cannot do, and that the probe would notice if it could."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_monty import Monty

from vpd.execution import wall_probe
from vpd.execution.walls import launch, python_files, walls, worker_binary


def landlock() -> bool:
    """Whether this kernel has the newest of the walls that are used."""
    if sys.platform != "linux":
        return False
    release = os.uname().release.split(".")
    return (int(release[0]), int(release[1])) >= (6, 12) and Path("/proc/self/status").exists()


@pytest.mark.skipif(not landlock(), reason="this system has no Landlock with scopes")
def test_every_wall_holds_here() -> None:
    assert [wall for wall in walls() if not wall.holds] == []


def test_without_the_launcher_the_probe_finds_no_walls(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    target = {"file": str(secret), "folder": str(tmp_path), "port": 1, "parent": os.getpid()}
    done = subprocess.run(
        [sys.executable, "-I", "-S", wall_probe.__file__, json.dumps(target)],
        env={"VPD_WALL_PROBE": "secret"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = {name: holds for name, (holds, _) in json.loads(done.stdout).items()}
    for name in ("read files", "list folders", "write files", "UDP", "environment", "start programs"):
        assert not found[name], name


@pytest.mark.skipif(os.name != "posix", reason="there is no launcher for this system")
def test_a_worker_starts_with_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with (
        worker_binary(64) as binary,
        Monty(binary_path=binary, max_processes=1) as pool,
        pool.checkout() as session,
    ):
        assert session.feed_run("1 + 1") == 2
        process = Path("/proc", str(session.worker_pid))
        if process.exists():
            assert (process / "environ").read_bytes() == b""
            assert os.readlink(process / "fd" / "2") == os.devnull
            assert "NoNewPrivs:\t1" in (process / "status").read_text()


@pytest.mark.skipif(not landlock(), reason="this system has no Landlock")
def test_only_what_is_named_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_text("readable")
    (tmp_path / "out").write_text("not readable")
    code = f"print(open({str(tmp_path / 'in' / 'file')!r}).read()); open({str(tmp_path / 'out')!r})"
    command = launch(os.path.realpath(sys.executable), [*python_files(), str(tmp_path / "in")], 2**30)
    done = subprocess.run([*command, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("readable\n", 1)
