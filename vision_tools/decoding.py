"""From an image file of any kind to upright RGB pixels, or one sentence on why not."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from vision_tools.errors import ToolError

MAX_PIXELS = 89_478_485
"""Larger images are refused: they take over 256 MiB once decoded."""

_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")


def open_image(source: str | Path | bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode an image to 8-bit RGB, turned upright as its EXIF orientation says.

    Transparent pixels are laid over white, CMYK, palette and grey images converted, 16-bit values scaled, and
    of an animation the first frame is taken.

    Args:
        source: a file, or a file's bytes.
        max_pixels: width times height above which an image is refused undecoded.

    Raises:
        ToolError: the file cannot be read, is no image, is damaged or cut short, or is too large.
    """
    name = "the image" if isinstance(source, bytes) else str(source)
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            if image.width * image.height > max_pixels:
                raise ToolError(_too_large(name, f"{image.width} x {image.height}", max_pixels))
            return _rgb(ImageOps.exif_transpose(image))
    except ToolError:
        raise
    except Image.DecompressionBombError as error:
        raise ToolError(_too_large(name, "over twice as many", max_pixels)) from error
    except FileNotFoundError as error:
        raise ToolError(f"there is no image {name}") from error
    except Exception as error:
        # Decoders raise whatever a damaged file leads them into: OSError, SyntaxError, struct.error and more.
        reason = str(error) or type(error).__name__
        raise ToolError(f"{name} cannot be decoded: {reason}; replace the file") from error


def _too_large(name: str, size: str, limit: int) -> str:
    return f"{name} has {size} pixels, more than the limit of {limit / 1e6:.0f} million; scale it down"


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT:
        return _grey(np.asarray(image, dtype=np.float64) / 257)
    if image.mode == "I":
        values = np.asarray(image, dtype=np.float64)
        # 16-bit files reach this 32-bit mode through some decoders; small values are 8-bit ones.
        return _grey(values / 257 if 255 < values.max() <= 65535 and values.min() >= 0 else values)
    if image.mode == "F":
        return _grey(np.asarray(image, dtype=np.float64))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _grey(values: np.ndarray) -> Image.Image:
    """Grey pixels of numbers: taken as 0 to 255, or 0 to 1, if they lie there, else stretched."""
    low, high = float(values.min()), float(values.max())
    if not np.isfinite((low, high)).all():
        raise ToolError("the image holds values that are not finite numbers; replace the file")
    if low < 0 or high > 255:
        values = (values - low) * (255 / (high - low))
    elif high <= 1:
        values = values * 255
    return Image.fromarray(values.round().astype(np.uint8)).convert("RGB")
