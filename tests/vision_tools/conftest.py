"""What the tests of the tools share: regions of images in memory, tiny models, and where the real data lies."""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vision_tools.regions import Picture, Region

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))  # `tiny_models`, whatever pytest's import mode

REAL = Path(__file__).parents[2].parent / "shared" / "data"


def _region_of(image: Image.Image | Path, box: tuple[int, int, int, int] | None = None) -> Region:
    if isinstance(image, Path):
        sha256 = hashlib.sha256(image.read_bytes()).hexdigest()
        image = Image.open(image).convert("RGB")
    else:
        sha256 = hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()
    return Region(Picture(sha256, lambda: image), box or (0, 0, *image.size))


@pytest.fixture(scope="session")
def region_of() -> Callable[..., Region]:
    """A region of an image or image file: all of it, or the part in `box`."""
    return _region_of


@pytest.fixture(scope="session")
def noise() -> list[Region]:
    """Regions of several shapes, some of one picture, one very small and one very narrow."""
    random = np.random.default_rng(0)

    def picture(width: int, height: int) -> Image.Image:
        return Image.fromarray(random.integers(0, 255, (height, width, 3), dtype=np.uint8))

    first, *others = (picture(*size) for size in [(60, 40), (60, 40), (40, 60), (90, 60), (3, 2), (6, 150)])
    return [_region_of(first), *map(_region_of, others), _region_of(first, (20, 10, 50, 35))]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real photographs, receipts and weights; tests that need them are skipped where they are absent."""
    if not REAL.is_dir():
        pytest.skip("the real data is not here")
    return REAL
