"""The second wall: workers are launched so that even an escape from the interpreter finds nothing to use.

`launch` gives the command that raises the walls (see `launcher.py`); `walls` tries each of them in a launched
process and says which ones hold on this machine.
"""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic_monty import Monty, MontyError
from pydantic_monty._binary import find_monty_binary

from vpd.errors import UserError

_BESIDES_THE_HEAP = 512 * 2**20
"""Bytes of address space a worker needs for its program text, its stacks and its allocator."""


def launch(
    program: str, readable: Sequence[str], memory: int, environment: Mapping[str, str] | None = None
) -> list[str]:
    """The command that starts `program` behind the walls; its arguments are to follow.

    Args:
        program: path of the executable.
        readable: files, and folders with all that is in them, that it may read.
        memory: bytes of address space.
        environment: its environment variables.
    """
    launcher = Path(__file__).with_name("launcher.py")
    variables = [f"{name}={value}" for name, value in (environment or {}).items()]
    return [
        *(sys.executable, "-I", "-S", str(launcher), program, str(memory)),
        *(str(len(readable)), *readable),
        *(str(len(variables)), *variables),
    ]


@contextmanager
def worker_binary(heap_mb: int) -> Generator[str | None]:
    """The path that `AsyncMonty(binary_path=…)` starts its workers by; None where there are no walls to raise.

    Args:
        heap_mb: the largest heap a program may have.

    Raises:
        UserError: the temporary folder does not allow programs to be executed.
    """
    if os.name != "posix":
        yield None
        return
    monty = _monty()
    # A heap that grows is copied: for a moment there are two.
    command = launch(monty, _libraries(monty), _BESIDES_THE_HEAP + 2 * heap_mb * 2**20)
    with tempfile.TemporaryDirectory(prefix="vpd-sandbox-") as folder:
        script = Path(folder, "worker")
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', "utf-8")
        script.chmod(0o700)
        if not os.access(script, os.X_OK):
            raise UserError(
                f"programs cannot be executed in {folder}, where the sandbox's workers start: "
                "set TMPDIR to a folder of a file system mounted without noexec"
            )
        yield str(script)


class Wall(NamedTuple):
    """One thing a worker must not be able to do."""

    name: str
    holds: bool
    """Whether the attempt failed, as it should."""
    detail: str
    """What the attempt met with."""


def walls() -> list[Wall]:
    """Try everything a worker must not be able to do, from inside a launched process."""
    return [_interpreter(), *_probed()]


def _interpreter() -> Wall:
    """A program in a launched worker asks for a file; the interpreter itself refuses."""
    try:
        with (
            worker_binary(64) as binary,
            Monty(binary_path=binary, max_processes=1) as pool,
            pool.checkout() as session,
        ):
            found = session.feed_run("open('/etc/hostname').read()")
    except MontyError as error:
        return Wall("interpreter", "PermissionError" in str(error), str(error))
    except (OSError, RuntimeError, UserError) as error:
        return Wall("interpreter", False, f"the worker does not start: {error}")
    return Wall("interpreter", False, f"a program read a file: {found!r}")


_PROBES = (
    "read files",
    "list folders",
    "write files",
    "TCP",
    "UDP",
    "environment",
    "start programs",
    "signal other processes",
    "memory",
    "new privileges",
    "core files",
)


def _probed() -> list[Wall]:
    if os.name != "posix":
        return [Wall(name, False, "this system has no walls of this kind") for name in _PROBES]
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        secret = Path(folder, "secret")
        secret.write_text("secret", "utf-8")
        target = {
            "file": str(secret),
            "folder": folder,
            "port": server.getsockname()[1],
            "parent": os.getpid(),
        }
        probe = Path(__file__).with_name("wall_probe.py")
        python = os.path.realpath(sys.executable)
        command = launch(python, [*python_files(), str(probe)], _BESIDES_THE_HEAP)
        done = subprocess.run(  # noqa: S603 - our own probe
            [*command, "-I", "-S", str(probe), json.dumps(target)],
            env={**os.environ, "VPD_WALL_PROBE": "secret"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return [Wall(name, False, f"the probe ended with status {done.returncode}") for name in _PROBES]
    return [Wall(name, bool(found[name][0]), str(found[name][1])) for name in _PROBES]


def _monty() -> str:
    return os.path.realpath(find_monty_binary())


@cache
def _libraries(program: str) -> tuple[str, ...]:
    """The shared libraries that an executable loads."""
    if sys.platform != "linux":
        return ()
    traced = subprocess.run(  # noqa: S603 - a program of this installation
        [program, "--version"],
        env={"LD_TRACE_LOADED_OBJECTS": "1"},  # the loader lists them in place of running it
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ("/etc/ld.so.cache", *re.findall(r"(/\S+) \(0x", traced.stdout))


def python_files() -> list[str]:
    """What a launched Python reads to start, its standard library and what that loads included."""
    loaded = _libraries(os.path.realpath(sys.executable))
    return [*loaded, sys.base_prefix, "/lib", "/lib64", "/usr/lib", "/usr/local/lib"]
