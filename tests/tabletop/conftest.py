"""Questions that several tests look at: drawn once."""

import pytest

from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.questions.catalogue import FAMILIES


@pytest.fixture(scope="session")
def asked() -> dict[str, list[Asked]]:
    """Scenes with questions of every family, by split."""
    counts = {"train": 56, "val": 3, "test": 13}
    return {
        split: list(asked_scenes(split, count * len(FAMILIES), seed=17))  # type: ignore[arg-type]
        for split, count in counts.items()
    }
