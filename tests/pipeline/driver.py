"""A process that runs a command of `vpd`; the crash tests kill it."""

import os
import sys

PRELOAD = [
    __name__,
    "aiohttp",
    "openai",
    "pandas",  # pyarrow imports it when it is there
    "rich.console",
    "tenacity",
    "vpd.cli",
    "vpd.commands.run",
    "vpd.language_models.openai",
]


def command(arguments: list[str], log: str) -> None:
    """Run `vpd` with these arguments in a session of its own, what it prints appended to a file."""
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    from vpd.cli import main

    sys.argv = ["vpd", *arguments]
    main()
