"""One sandbox for all programs that the tests of distillation run."""

from collections.abc import Iterator

import pytest

from tests.distillation.small_worlds import Teller


@pytest.fixture(scope="session")
def tell() -> Iterator[Teller]:
    teller = Teller()
    yield teller
    teller.close()
