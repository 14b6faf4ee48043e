"""Image files of every kind: right, or an error that says why not."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vision_tools.decoding import open_image
from vision_tools.errors import ToolError


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def colour(image: Image.Image) -> tuple[int, ...]:
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


@pytest.mark.parametrize(
    ("mode", "kind", "value", "expected"),
    [
        ("RGB", "PNG", (10, 200, 30), (10, 200, 30)),
        ("L", "PNG", 77, (77, 77, 77)),
        ("1", "PNG", 1, (255, 255, 255)),
        ("P", "PNG", 0, (0, 0, 0)),
        ("RGBA", "PNG", (255, 0, 0, 0), (255, 255, 255)),
        ("RGBA", "PNG", (0, 0, 0, 255), (0, 0, 0)),
        ("LA", "PNG", (0, 128), (127, 127, 127)),
        ("CMYK", "JPEG", (0, 255, 255, 0), (254, 0, 0)),
        ("CMYK", "TIFF", (0, 255, 255, 0), (255, 0, 0)),
        ("I;16", "PNG", 0x8000, (128, 128, 128)),
        ("I;16", "TIFF", 65535, (255, 255, 255)),
        ("F", "TIFF", 0.5, (128, 128, 128)),
        ("YCbCr", "JPEG", (128, 128, 128), (128, 128, 128)),
    ],
)
def test_every_mode_becomes_the_colour_it_shows(
    mode: str, kind: str, value: float | tuple[int, ...], expected: tuple[int, ...]
) -> None:
    image = open_image(encoded(Image.new(mode, (16, 8), value), kind))
    assert (image.mode, image.size) == ("RGB", (16, 8))
    assert colour(image) == pytest.approx(expected, abs=3)


def test_a_palette_with_a_transparent_colour_is_laid_over_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    assert colour(open_image(encoded(image, "GIF", transparency=1))) == (255, 255, 255)
    assert colour(open_image(encoded(image, "GIF"))) == (200, 0, 0)


def test_sixteen_bit_values_keep_their_order() -> None:
    ramp = Image.fromarray(np.linspace(0, 65535, 64, dtype=np.uint16)[None].repeat(2, 0))
    grey = np.asarray(open_image(encoded(ramp, "PNG")))[0, :, 0]
    assert grey[0] == 0
    assert grey[-1] == 255
    assert (np.diff(grey.astype(int)) >= 0).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(orientation: int) -> None:
    upright = Image.new("RGB", (40, 20), "blue")
    upright.paste("red", (0, 0, 20, 10))  # the top left is red
    stored = upright
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE], 8: [Image.Transpose.ROTATE_270],
    }  # fmt: skip
    for step in undo.get(orientation, []):
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    shown = open_image(encoded(stored, "JPEG", exif=exif, quality=95))
    assert shown.size == (40, 20)
    assert shown.getpixel((5, 3))[0] > 200  # type: ignore[index]
    assert shown.getpixel((35, 15))[2] > 200  # type: ignore[index]


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert colour(open_image(data)) == (255, 0, 0)


def test_a_very_large_image_is_refused_undecoded() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(ToolError, match="more than the limit of 89 million; scale it down"):
        open_image(data)
    with pytest.raises(ToolError, match="100 x 100 pixels, more than the limit"):
        open_image(encoded(Image.new("RGB", (100, 100)), "PNG"), max_pixels=9_999)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_file_cut_short_is_an_error(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(ToolError, match=r"cannot be decoded: .*; replace the file"):
        open_image(data[: len(data) // 2])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=64), st.integers(0, 900), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF"]))
def test_a_damaged_file_gives_an_image_or_an_error_and_nothing_else(
    junk: bytes, place: int, kind: str
) -> None:
    data = encoded(Image.new("RGB", (24, 24), "green"), kind)
    damaged = data[:place] + junk + data[place + len(junk) :]
    try:
        assert open_image(damaged).mode == "RGB"
    except ToolError as error:
        assert str(error).startswith("the image ")


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"there is no image .*absent\.png"):
        open_image(tmp_path / "absent.png")
    (tmp_path / "text.png").write_text("not an image")
    with pytest.raises(ToolError, match=r"text\.png cannot be decoded"):
        open_image(tmp_path / "text.png")
