"""Pictures are copied small, once for each content, under names that no record can choose."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from vpd.records import ImageFile
from vpd.reporting.pictures import DISPLAY, THUMBNAIL, Pictures


def file(path: str, sha256: str | None = None, size: tuple[int, int] = (64, 48)) -> ImageFile:
    return ImageFile(
        path=path, sha256=sha256 or hashlib.sha256(path.encode()).hexdigest(), width=size[0], height=size[1]
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    return tmp_path / "images"


def copy(root: Path, *images: ImageFile, earlier: Path | None = None):
    folder = root.parent / "pictures"
    with Pictures(root, folder, earlier or root.parent / "none") as pictures:
        copied = pictures.copy(images)
    return folder, [copied[image.sha256] for image in images]


def open_copy(folder: Path, name: str | None, size: str = "") -> Image.Image:
    assert name
    return Image.open(folder / name[:2] / f"{name}{size}.jpg")


def test_a_large_image_is_copied_at_display_and_thumbnail_size(root):
    Image.new("RGB", (3000, 1500), "red").save(root / "a.jpg")
    folder, [picture] = copy(root, file("a.jpg"))
    assert open_copy(folder, picture.name).size == (DISPLAY, DISPLAY // 2)
    assert open_copy(folder, picture.name, "-small").size == (THUMBNAIL, THUMBNAIL // 2)


def test_the_same_content_is_copied_once(root):
    for name in ("a.png", "b.png"):
        Image.new("RGB", (64, 48), "red").save(root / name)
    folder, [one, other] = copy(root, file("a.png", "f" * 64), file("b.png", "f" * 64))
    assert one == other
    assert len(list(folder.rglob("*.jpg"))) == 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(root, mode):
    grey = Image.new("RGB", (64, 48), "grey")
    image = {"I;16": lambda: Image.new("I;16", (64, 48), 32768), "P": grey.quantize}.get(
        mode, lambda: grey.convert(mode)
    )()
    image.save(root / ("a.tif" if mode in ("CMYK", "I;16") else "a.png"))
    folder, [picture] = copy(root, file("a.tif" if mode in ("CMYK", "I;16") else "a.png"))
    copied = open_copy(folder, picture.name)
    assert copied.mode == "RGB"
    assert mode == "1" or all(abs(channel - 128) < 12 for channel in copied.getpixel((30, 20)))


def test_an_image_is_copied_upright_and_without_its_metadata(root):
    image = Image.new("RGB", (64, 48), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a private note"
    image.save(root / "a.jpg", exif=exif)
    folder, [picture] = copy(root, file("a.jpg"))
    copied = open_copy(folder, picture.name)
    assert copied.size == (48, 64)
    assert not copied.getexif()


def test_an_image_outside_the_folder_is_not_copied(root):
    Image.new("RGB", (64, 48)).save(root.parent / "private.png")
    for path in ("../private.png", str(root.parent / "private.png")):
        folder, [picture] = copy(root, file(path))
        assert picture.name is None
        assert "outside" in (picture.problem or "")
        assert not list(folder.rglob("*.jpg"))


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no longer there"), (b"not an image", "not an image"), (b"", "not an image")],
)
def test_an_unreadable_image_says_why_without_naming_a_path(root, content, words):
    if content is not None:
        (root / "a.jpg").write_bytes(content)
    _, [picture] = copy(root, file("a.jpg"))
    assert picture.name is None
    assert words in (picture.problem or "")
    assert str(root) not in (picture.problem or "")


def test_a_truncated_image_fails_alone(root):
    Image.effect_noise((200, 200), 50).save(root / "a.png")
    (root / "a.png").write_bytes((root / "a.png").read_bytes()[:2000])
    Image.new("RGB", (64, 48)).save(root / "b.png")
    _, [broken, whole] = copy(root, file("a.png"), file("b.png"))
    assert broken.name is None
    assert whole.name


def test_a_hostile_hash_cannot_name_a_file_elsewhere(root):
    Image.new("RGB", (64, 48)).save(root / "a.png")
    folder, [picture] = copy(root, file("a.png", "../../../escaped"))
    assert picture.name
    assert set(picture.name) <= set("0123456789abcdef")
    assert all(path.is_relative_to(folder) for path in root.parent.rglob("*.jpg"))


def test_copies_of_an_earlier_report_are_used_again(root):
    Image.new("RGB", (64, 48)).save(root / "a.png")
    folder, [picture] = copy(root, file("a.png"))
    earlier = folder.rename(root.parent / "earlier")
    (root / "a.png").unlink()
    folder, [again] = copy(root, file("a.png"), earlier=earlier)
    assert again == picture
    assert open_copy(folder, again.name).size == (64, 48)
