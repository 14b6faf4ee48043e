"""Pictures of scenes that were rendered before: every training shares one pool of them, on disk."""

import os
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from vpd.tabletop.rendering.picture import render
from vpd.tabletop.scene import Scene

POOL = Path("runs/tabletop-training/scenes")
"""Some 500 MB; may be removed at any time."""


def rendered(scene: Scene) -> Image.Image:
    """As `render` gives it, bit for bit, whether it was rendered before or not."""
    path = POOL / f"{sha256(repr(scene).encode()).hexdigest()[:24]}.npy"
    if path.is_file():
        return Image.fromarray(np.load(path, allow_pickle=False))
    image = render(scene)
    POOL.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, np.asarray(image), allow_pickle=False)
    os.replace(part, path)
    return image
