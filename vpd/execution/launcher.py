"""Raises walls around its own process, then becomes the worker. Runs alone: standard library only, Linux or not.

    python -I -S launcher.py PROGRAM MEMORY COUNT READABLE… COUNT NAME=VALUE… ARGUMENTS…

Each wall that the system does not offer is left out; `vpd.execution.walls` finds out which ones hold. Every worker
pays for what is imported here, so that it is as little as possible.
"""

import ctypes
import os
import resource
import struct
import sys

_PR_CAPBSET_DROP, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 24, 22, 38

# Landlock (linux/landlock.h): system calls have one number on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_ACCESS_EXECUTE, _ACCESS_READ_FILE, _ACCESS_READ_DIR = 1 << 0, 1 << 2, 1 << 3

# System calls nobody in a worker needs, by architecture: every kind of socket, the way around seccomp
# (io_uring), and looking into other processes.
_FORBIDDEN = {
    "x86_64": (0xC000003E, (41, 53, 101, 310, 311, 425, 438)),
    "aarch64": (0xC00000B7, (198, 199, 117, 270, 271, 425, 438)),
}

_CPU_SECONDS = 3600
"""A worker left behind by a dead parent ends at last; one in use that ends this way is replaced."""

_libc = ctypes.CDLL(None, use_errno=True)


def _limit(memory: int) -> None:
    limits = {
        "RLIMIT_AS": memory,
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": _CPU_SECONDS,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in limits.items():
        try:  # noqa: SIM105 - contextlib is one more import
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):
            pass


def _drop_privileges() -> None:
    for capability in range(64):  # for workers of root: what exec would give back
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _landlock(executable: str, readable: "list[str]") -> None:
    """No files but those named, no TCP, no abstract sockets, no signals to processes outside."""
    abi = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return
    files = (1 << 13) - 1
    files |= (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0) | (1 << 15 if abi >= 5 else 0)
    network, scoped = (3 if abi >= 4 else 0), (3 if abi >= 6 else 0)
    attributes = struct.pack("QQQ", files, network, scoped)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return
    for path in [executable, *readable]:
        # A folder is for reading; only what is named itself may be executed.
        access = _ACCESS_READ_FILE | (_ACCESS_READ_DIR if os.path.isdir(path) else _ACCESS_EXECUTE)
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        _libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", access, descriptor), 0)
        os.close(descriptor)
    _libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _seccomp() -> None:
    """The forbidden system calls fail with EPERM; calls of another architecture end the process."""
    machine = os.uname().machine
    if machine not in _FORBIDDEN or sys.maxsize < 2**32:
        return
    architecture, numbers = _FORBIDDEN[machine]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, refuse, kill = 0x7FFF0000, 0x00050000 | 1, 0x80000000
    steps = [(load, 0, 0, 4), (equal, 1, 0, architecture), (answer, 0, 0, kill), (load, 0, 0, 0)]
    steps += [(at_least, 0, 1, 0x40000000), (answer, 0, 0, kill)]  # the x32 variants of all calls
    for index, number in enumerate(numbers):
        steps.append((equal, len(numbers) - index, 0, number))
    steps += [(answer, 0, 0, allow), (answer, 0, 0, refuse)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(buffer)))
    _libc.prctl(_PR_SET_SECCOMP, 2, program, 0, 0)


def main() -> None:
    program, memory, *rest = sys.argv[1:]
    readable, rest = _counted(rest)
    environment, arguments = _counted(rest)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if sys.platform == "linux":
        _drop_privileges()
        _landlock(program, readable)
        _seccomp()
    _limit(int(memory))
    os.dup2(nowhere, 2)  # what a dying worker prints is not for the user's terminal
    variables = dict(each.split("=", 1) for each in environment)
    os.execve(program, [program, *arguments], variables)  # noqa: S606


def _counted(words: "list[str]") -> "tuple[list[str], list[str]]":
    """`N` and the `N` words after it; the others."""
    end = 1 + int(words[0])
    return words[1:end], words[end:]


if __name__ == "__main__":
    main()
