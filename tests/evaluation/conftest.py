"""What the tests of models share: one taught model, one thread, so that sums repeat."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `tests.evaluation.taught`: `taught/model`, and the pictures it knows in `images`."""
    pytest.importorskip("trl")
    import torch

    from tests.evaluation.taught import teach

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("taught")
    teach(folder)
    return folder
