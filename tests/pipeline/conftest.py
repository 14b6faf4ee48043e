"""A world on a scripted server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.language_models.server import Script, Server
from tests.pipeline.world import ScriptedWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., ScriptedWorld]]:
    """Draw a data set, and start a server that follows a script."""
    with ExitStack() as stack:

        def make(script: Script, **settings: Any) -> ScriptedWorld:
            server = stack.enter_context(Server(script))
            return ScriptedWorld(tmp_path, server.url, **settings, server=server)

        yield make
