"""The images of a benchmark's rows: found as bytes, in a table or at a path, and kept once each by their content."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from PIL import Image

from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.files import write_whole
from vpd.evaluation.rows import Row, RowImage
from vpd.evaluation.sources import Source
from vpd.inputs.questions import describe_image
from vpd.records import ImageFile


def row_image(source: Source, benchmark: Benchmark, row: Row, store: "ImageStore") -> RowImage:
    """A row's image, stored under its content."""
    table = benchmark.hub.images if benchmark.hub else None
    if table is not None:
        value = (source.images or {}).get(row[table.key])
        if value is None:
            return RowImage(None, f"there is no image with the id {row[table.key]!r}")
    else:
        value = row[benchmark.columns.image or ""]
    try:
        return RowImage(store.put(_content(source, benchmark, value)))
    except ValueError as error:
        return RowImage(None, str(error))


class ImageStore:
    """Images in a folder, each once, named by its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> ImageFile:
        """Store an image file's bytes as they are.

        Raises:
            ValueError: they are no image.
        """
        digest = hashlib.sha256(content).hexdigest()
        try:
            with Image.open(io.BytesIO(content)) as image:
                kind = (image.format or "bin").lower()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(f"an image cannot be read: {error}") from error
        name = f"{digest[:2]}/{digest[:32]}.{kind}"
        path = self._folder / name
        if not path.exists():
            write_whole(path, content)
        return describe_image(self._folder, name)


def _content(source: Source, benchmark: Benchmark, value: Any) -> bytes:
    """The bytes of an image: as the hub stores it, or at a path.

    Raises:
        ValueError: there is none.
    """
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        if fields.get("bytes"):
            return bytes(fields["bytes"])
        value = fields.get("path")
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str) or not value:
        raise ValueError("the row holds no image")
    if source.folder is None:
        return _hub_file(source, benchmark, value)
    path = (source.folder / value).resolve()
    if not path.is_relative_to(source.folder.resolve()):
        raise ValueError(f"the image {value} lies outside the folder")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"the image {value} cannot be read: {error.strerror}") from error


def _hub_file(source: Source, benchmark: Benchmark, name: str) -> bytes:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    assert source.hub_id is not None
    revision = benchmark.hub.revision if benchmark.hub else None
    try:
        return Path(hf_hub_download(source.hub_id, name, repo_type="dataset", revision=revision)).read_bytes()
    except (HfHubHTTPError, OSError) as error:
        raise ValueError(f"cannot fetch the image {name}: {str(error).splitlines()[0]}") from error
