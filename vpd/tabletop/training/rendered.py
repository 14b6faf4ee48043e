"""Pictures of scenes that were rendered before: all trainings in one folder share a pool of them, on disk."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from vpd.tabletop.rendering.picture import render
from vpd.tabletop.scene import Scene

_POOL: ContextVar[Path | None] = ContextVar("pool", default=None)


@contextmanager
def pooled_in(folder: Path) -> Generator[None]:
    """Within this, pictures are kept: some 1.4 GB of all training scenes.

    Args:
        folder: may be removed at any time, and has to be when scenes are rendered otherwise than before.
    """
    token = _POOL.set(folder)
    try:
        yield
    finally:
        _POOL.reset(token)


def rendered(scene: Scene) -> Image.Image:
    """As `render` gives it, bit for bit, whether it was rendered before or not."""
    pool = _POOL.get()
    if pool is None:
        return render(scene)
    path = pool / f"{sha256(repr(scene).encode()).hexdigest()[:24]}.npy"
    if path.is_file():
        return Image.fromarray(np.load(path, allow_pickle=False))
    image = render(scene)
    pool.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, np.asarray(image), allow_pickle=False)
    os.replace(part, path)
    return image
