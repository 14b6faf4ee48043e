"""A run's images → small copies in the report's folder, one pair per content."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from PIL import Image, ImageOps, UnidentifiedImageError

from vpd.records import ImageFile

# Longest sides, in pixels: a photograph fills a large screen's half, small print on a receipt stays legible.
DISPLAY = 1280
THUMBNAIL = 208

# Those that are decoded within the process; Pillow hands others (EPS) to outside programs.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")


class Picture(NamedTuple):
    """A copied image: `pictures/<first two>/<name>.jpg` and `…-small.jpg`."""

    name: str | None
    """Made from the content's hash; never from an id or a path. None when there is no copy."""
    problem: str | None = None
    """Why there is no copy, in words."""


class Pictures:
    """Copies images on several threads; a context manager.

    Args:
        root: the folder that image paths are relative to.
        folder: where the copies go.
        earlier: copies from an earlier report, used again where the content is the same.
    """

    def __init__(self, root: Path, folder: Path, earlier: Path) -> None:
        self._root = root.resolve()
        self._folder = folder
        self._earlier = earlier
        self._pool = ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def copy(self, images: Iterable[ImageFile]) -> dict[str, Picture]:
        """Copy images that have not been copied yet; the result is by `sha256`."""
        distinct = {image.sha256: image for image in images}
        return dict(zip(distinct, self._pool.map(self._copy, distinct.values()), strict=True))

    def _copy(self, image: ImageFile) -> Picture:
        # Hashed once more, so that whatever stands in the record cannot name a file elsewhere.
        name = hashlib.sha256(image.sha256.encode()).hexdigest()[:32]
        display, thumbnail = (Path(name[:2], f"{name}{size}.jpg") for size in ("", "-small"))
        if (self._folder / thumbnail).exists():
            return Picture(name)
        (self._folder / name[:2]).mkdir(parents=True, exist_ok=True)
        if (self._earlier / thumbnail).exists() and (self._earlier / display).exists():
            for file in (display, thumbnail):
                _link(self._earlier / file, self._folder / file)
            return Picture(name)
        try:
            picture = _decode(self._root, image.path)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            return Picture(None, _in_words(error))
        picture.thumbnail((DISPLAY, DISPLAY), Image.Resampling.LANCZOS)
        picture.save(self._folder / display, "JPEG", quality=82)
        picture.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
        picture.save(self._folder / thumbnail, "JPEG", quality=76)
        return Picture(name)


def _decode(root: Path, name: str) -> Image.Image:
    """RGB, upright as its EXIF orientation says, without other metadata."""
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise ValueError("it lies outside the image folder")
    with Image.open(path, formats=_FORMATS) as image:
        image.draft("RGB", (DISPLAY, DISPLAY))
        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith("I;16"):
            # Pillow clips 16-bit grey to white instead of scaling it.
            upright = upright.point(lambda value: value / 256).convert("L")
        upright = upright.convert("RGB")
    upright.info.clear()
    return upright


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Not every file system has links.
        shutil.copyfile(source, target)


def _in_words(error: BaseException) -> str:
    match error:
        case FileNotFoundError():
            return "the file is no longer there"
        case UnidentifiedImageError():
            return "it is not an image of a known kind"
        case OSError(strerror=str(reason)):
            # Without the path that the error's own text would give away.
            return f"it cannot be read: {reason}"
        case _:
            return str(error)
