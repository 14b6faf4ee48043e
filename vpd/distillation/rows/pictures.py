"""The pictures of training rows: whole images as their own files, crops cut from the real pixels."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from vision_tools.decoding import open_image
from vision_tools.errors import ToolError
from vpd.errors import UserError
from vpd.records import View

_ORIENTATION = 0x0112
"""The EXIF tag that says how an image is turned."""


class Picture(NamedTuple):
    """A picture as a file."""

    content: bytes
    name: str
    """The same for the same content, different for others."""


def picture(view: View, image_root: Path, row: str) -> Picture:
    """A whole image is its file unchanged, a crop a PNG.

    An image that readers show in different ways (turned by its EXIF tag, transparent, animated, 16-bit) becomes a
    PNG of the pixels that the tools saw.

    Args:
        view: what is shown.
        image_root: what the image's name is relative to.
        row: the id of the training row, for messages.

    Raises:
        UserError: the image cannot be read, or has changed since the row was made.
    """
    path = image_root / view.image.path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"training row {row}: cannot read the image {path}: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != view.image.sha256:
        raise UserError(
            f"training row {row}: {path} has changed since the row was made; run `vpd verify` and `vpd distill` again"
        )
    if view.box is None and _plain(content):
        return Picture(content, f"{_name(view)}{path.suffix.lower()}")
    try:
        whole = open_image(content)
    except ToolError as error:
        raise UserError(f"training row {row}: {path}: {error}") from error
    buffer = BytesIO()
    shown = whole if view.box is None else whole.crop(view.box)  # boxes of views are whole pixels
    shown.save(buffer, format="PNG")
    return Picture(buffer.getvalue(), f"{_name(view)}.png")


def _plain(content: bytes) -> bool:
    try:
        with Image.open(BytesIO(content)) as image:
            return (
                image.mode in ("RGB", "L")
                and image.getexif().get(_ORIENTATION, 1) == 1
                and getattr(image, "n_frames", 1) == 1
            )
    except (OSError, ValueError, SyntaxError):
        return False


def _name(view: View) -> str:
    box = "" if view.box is None else "-" + "-".join(str(round(edge)) for edge in view.box)
    return f"{view.image.sha256[:16]}{box}"
