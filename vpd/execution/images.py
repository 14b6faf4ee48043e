"""The run's images: decoded when a tool first looks, and kept while there is room."""

import hashlib
import threading
from collections import OrderedDict
from functools import partial
from pathlib import Path

from PIL import Image

from vision_tools.decoding import open_image
from vision_tools.errors import ToolError
from vision_tools.regions import Picture
from vpd.records import ImageFile


class ImageStore:
    """Hands out pictures of an image folder. Tools load them from several threads."""

    def __init__(self, folder: Path, max_bytes: int = 512 * 2**20) -> None:
        """
        Args:
            folder: what image names are relative to.
            max_bytes: decoded images kept in memory, in bytes of RGB.
        """
        self._folder = folder
        self._max_bytes = max_bytes
        self._bytes = 0
        self._images: OrderedDict[str, Image.Image] = OrderedDict()
        self._lock = threading.Lock()

    def picture(self, image: ImageFile) -> Picture:
        return Picture(image.sha256, partial(self._load, image))

    def _load(self, image: ImageFile) -> Image.Image:
        with self._lock:
            if (known := self._images.get(image.sha256)) is not None:
                self._images.move_to_end(image.sha256)
                return known
        decoded = open_image(self._content(image))
        with self._lock:
            if image.sha256 not in self._images:
                self._images[image.sha256] = decoded
                self._bytes += _size(decoded)
            while self._bytes > self._max_bytes and len(self._images) > 1:
                _, oldest = self._images.popitem(last=False)
                self._bytes -= _size(oldest)
        return decoded

    def _content(self, image: ImageFile) -> bytes:
        """Raises `ToolError` where the file is not the one that the run has read: its results would be wrong."""
        try:
            content = (self._folder / image.path).read_bytes()
        except OSError as error:
            raise ToolError(f"the image {image.path} cannot be read: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != image.sha256:
            raise ToolError(
                f"the image {image.path} has changed since the run read it; run the command again"
            )
        return content


def _size(image: Image.Image) -> int:
    return 3 * image.width * image.height
