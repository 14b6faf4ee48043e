"""A world on a scripted server, and the command line as a user types it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.language_models.server import Script, Server
from tests.pipeline.said import Said
from tests.pipeline.world import ScriptedWorld
from vpd.cli import main


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., ScriptedWorld]]:
    """Draw a data set, and start a server that follows a script."""
    with ExitStack() as stack:

        def make(script: Script, **settings: Any) -> ScriptedWorld:
            server = stack.enter_context(Server(script))
            return ScriptedWorld(tmp_path, server.url, **settings, server=server)

        yield make


@pytest.fixture
def vpd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["vpd", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Said(status, *capsys.readouterr())

    return run
