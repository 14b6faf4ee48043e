"""What the tests of the tools share: regions of images in memory, and where the real data lies."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from vision_tools.regions import Picture, Region

REAL = Path(__file__).parents[2].parent / "shared" / "data"

RegionOf = Callable[..., Region]


def _region_of(image: Image.Image | Path, box: tuple[int, int, int, int] | None = None) -> Region:
    if isinstance(image, Path):
        sha256 = hashlib.sha256(image.read_bytes()).hexdigest()
        image = Image.open(image).convert("RGB")
    else:
        sha256 = hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()
    return Region(Picture(sha256, lambda: image), box or (0, 0, *image.size))


@pytest.fixture(scope="session")
def region_of() -> RegionOf:
    """A region of an image or image file: all of it, or the part in `box`."""
    return _region_of


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real photographs, receipts and weights; tests that need them are skipped where they are absent."""
    if not REAL.is_dir():
        pytest.skip("the real data is not here")
    return REAL
