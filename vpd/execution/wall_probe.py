"""Tries each wall from the inside: run by `vpd.execution.walls` in a launched process; prints what it could do.

python -I -S wall_probe.py '{"file": …, "folder": …, "port": …, "parent": …}'
"""

import contextlib
import ctypes
import json
import os
import resource
import socket
import sys
from collections.abc import Callable


def _read(path: str) -> str:
    with open(path) as file:
        return file.read(20)


def _write(folder: str) -> str:
    with open(os.path.join(folder, "written"), "w") as file:
        return str(file.write("x"))


def _connect(port: int) -> str:
    socket.create_connection(("127.0.0.1", port), timeout=2).close()
    return "connected"


def _datagram(port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return str(sender.sendto(b"x", ("127.0.0.1", port)))


def _start() -> str:
    return str(os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {}))


def _signal(parent: int) -> str:
    os.kill(parent, 0)
    return "sent"


def _memory() -> str:
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return str(len(bytearray(2**35 if soft < 0 else soft)))


def _privileges() -> str:
    if ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) != 1:  # PR_GET_NO_NEW_PRIVS
        return "programs with more privileges may be started"
    raise PermissionError("no new privileges")


def _core() -> str:
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        return "memory is written to disk after a crash"
    raise PermissionError("no core files")


def _environment() -> str:
    # The C library may set some for itself; what the parent had is what counts.
    if "VPD_WALL_PROBE" in os.environ:
        return os.environ["VPD_WALL_PROBE"]
    raise PermissionError("not set")


def main() -> None:
    target = json.loads(sys.argv[1])
    attempts: dict[str, Callable[[], str]] = {
        "read files": lambda: _read(target["file"]),
        "list folders": lambda: str(os.listdir(target["folder"])),
        "write files": lambda: _write(target["folder"]),
        "TCP": lambda: _connect(target["port"]),
        "UDP": lambda: _datagram(target["port"]),
        "environment": _environment,
        "start programs": _start,
        "signal other processes": lambda: _signal(target["parent"]),
        "memory": _memory,
        "new privileges": _privileges,
        "core files": _core,
    }
    found: dict[str, list[object]] = {}
    for name, attempt in attempts.items():
        try:
            found[name] = [False, attempt()]
        except (OSError, MemoryError, AttributeError) as error:
            found[name] = [True, str(error) or type(error).__name__]
    with contextlib.suppress(OSError):
        print(json.dumps(found))


if __name__ == "__main__":
    main()
