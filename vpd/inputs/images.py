"""Images that come as bytes, kept as files named by their content."""

import hashlib
import os
from io import BytesIO
from pathlib import Path

from PIL import Image


def save_image(content: bytes, folder: Path) -> str:
    """Write an image file unless it is there; returns its name, the same for the same content.

    Raises:
        ValueError: it is no image.
    """
    try:
        with Image.open(BytesIO(content)) as opened:
            suffix = (opened.format or "image").lower().replace("jpeg", "jpg")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"an image cannot be read: {error}") from error
    name = f"{hashlib.sha256(content).hexdigest()[:24]}.{suffix}"
    if not (folder / name).exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Under another name first: a crash leaves no half of it, and processes do not meet.
        part = folder / f".{name}.{os.getpid()}"
        part.write_bytes(content)
        part.replace(folder / name)
    return name
