"""A world on a scripted server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.language_models.server import Script, Server
from tests.pipeline.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Draw a data set, and start a server that follows a script."""
    with ExitStack() as stack:

        def make(script: Script, **settings: Any) -> World:
            return World(tmp_path, stack.enter_context(Server(script)), **settings)

        yield make
