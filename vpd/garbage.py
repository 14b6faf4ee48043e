"""Work that makes many rows and no cycles: looking for cycles would take a third of its time."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

_OBJECTS = 200_000
"""How many more there are before the next look: more than the shards under way hold, a hundred megabytes at most."""


@contextmanager
def seldom_collected() -> Generator[None]:
    """Look for cycles of garbage seldom. Not for work that holds images or models, which cycles would keep."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
