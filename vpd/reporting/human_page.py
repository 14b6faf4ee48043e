"""A page on which people judge two answers side by side without knowing whose they are."""

import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vpd.errors import UserError
from vpd.records import ImageFile
from vpd.reporting.page import environment
from vpd.reporting.pictures import Pictures
from vpd.reporting.values import visible

GENERATOR = "vpd human evaluation"
_STYLES = ("assets/base.css", "human_assets/human.css")
_SCRIPT = "human_assets/human.js"


class Shown(NamedTuple):
    """One item of the page: nothing on it says which system is which."""

    question: str
    choices: Sequence[str]
    images: Sequence[ImageFile]
    left: str
    right: str


def write_human_page(out: Path, page: str, shown: Sequence[Shown], images: Path) -> Path:
    """Write the page as one folder that needs nothing outside itself.

    Args:
        out: the folder to write.
        page: what the page is known by, in its results.
        shown: its items, in order.
        images: the folder that image paths are relative to.

    Returns:
        The page to open, `out/index.html`.

    Raises:
        UserError: `out` exists and is something else than such a page.
    """
    index = out / "index.html"
    if out.exists() and not (index.exists() and GENERATOR in index.read_text(encoding="utf-8")[:2_000]):
        raise UserError(f"{out} exists and is no such page; remove it or choose another folder")
    building = out.parent / f".{out.name}.partial"
    shutil.rmtree(building, ignore_errors=True)
    (building / "assets").mkdir(parents=True)
    for file in (*_STYLES, _SCRIPT):
        shutil.copyfile(Path(__file__).parent / file, building / "assets" / Path(file).name)
    with Pictures(images, building / "pictures", out / "pictures") as pictures:
        copied = pictures.copy(image for each in shown for image in each.images)
    items: list[dict[str, Any]] = [
        {
            "question": visible(each.question),
            "choices": [visible(choice) for choice in each.choices],
            "pictures": [
                f"pictures/{name[:2]}/{name}.jpg"
                for image in each.images
                if (name := copied[image.sha256].name)
            ],
            "left": visible(each.left),
            "right": visible(each.right),
        }
        for each in shown
    ]
    html = (
        environment()
        .get_template("human.html.j2")
        .render(generator=GENERATOR, nonce=secrets.token_urlsafe(16), page=page, items=items)
    )
    (building / "index.html").write_text(html, encoding="utf-8", errors="backslashreplace")
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return index
