"""Images as they travel in a request: checked against their hash, then inlined as a data URL."""

import base64
import hashlib
from io import BytesIO

from vpd.language_models.errors import InvalidRequestError
from vpd.language_models.protocol import ImagePart


def data_url(part: ImagePart) -> str:
    """The image file's bytes, unchanged, as a `data:` URL.

    Raises:
        InvalidRequestError: the file cannot be read, is no image, or is not the one that was meant.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        content = part.path.read_bytes()
    except OSError as error:
        raise InvalidRequestError(f"cannot read the image {part.path}: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise InvalidRequestError(
            f"the image {part.path} has changed since it was read; run the command again from its first stage"
        )
    try:
        with Image.open(BytesIO(content)) as image:
            kind = image.get_format_mimetype()
    except (UnidentifiedImageError, OSError):
        kind = None
    if kind is None:
        raise InvalidRequestError(f"{part.path} is no image; replace it or take its row out")
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
