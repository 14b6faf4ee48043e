"""The printed front of a card, drawn once per text at a few resolutions and kept."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vpd.tabletop.rendering.arrays import Floats
from vpd.tabletop.scene import Card, card_aspect

PAPERS: tuple[tuple[tuple[int, int, int], tuple[int, int, int]], ...] = (
    ((250, 248, 240), (24, 26, 34)),
    ((246, 240, 222), (40, 24, 16)),
    ((242, 246, 250), (18, 30, 66)),
    ((252, 250, 246), (92, 14, 20)),
)
"""Paper and ink, sRGB."""

_HEIGHTS = (12, 18, 27, 40, 60, 90, 135, 200)


def paper_of(card: Card) -> Floats:
    return (np.asarray(PAPERS[card.ink][0], np.float32) / 255) ** 2


def front_colors(card: Card, along: Floats, up: Floats, height: float) -> Floats:
    """Linear colours (3, n) at places on the front: `along` in [0, 1] from its left edge, `up` from its foot.

    `height` is the front's height on the image in samples; the drawing nearest in resolution is used.
    """
    wanted = min(_HEIGHTS, key=lambda h: abs(h - height * 1.25))
    drawing = _drawing(card.text, card.ink, wanted)
    rows, columns, _ = drawing.shape
    u = np.clip(along * columns - 0.5, 0, columns - 1.001)
    v = np.clip((1 - up) * rows - 0.5, 0, rows - 1.001)
    i, j = u.astype(np.intp), v.astype(np.intp)
    fu, fv = (u - i)[:, None], (v - j)[:, None]
    near = drawing[j, i] * (1 - fu) + drawing[j, i + 1] * fu
    far = drawing[j + 1, i] * (1 - fu) + drawing[j + 1, i + 1] * fu
    return (near + (far - near) * fv).T


@lru_cache(maxsize=4096)
def _drawing(text: str, ink: int, height: int) -> Floats:
    """(height, width, 3), linear: drawn four times as large and averaged."""
    return (np.asarray(card_front(text, ink, height * 4).reduce(4), np.float32) / 255) ** 2


def card_front(text: str, ink: int, height: int) -> Image.Image:
    """The front of a card, `height` pixels high: the text as large as fits within a thin frame."""
    paper, color = PAPERS[ink]
    width = round(height * card_aspect(text))
    image = Image.new("RGB", (width, height), paper)
    draw = ImageDraw.Draw(image)
    margin, line = height * 0.05, max(1, round(height * 0.018))
    soft = tuple((p * 2 + c) // 3 for p, c in zip(paper, color, strict=True))
    draw.rectangle((margin, margin, width - 1 - margin, height - 1 - margin), outline=soft, width=line)
    size = height * 0.62
    for _ in range(2):
        font = ImageFont.load_default(size)
        left, top, right, bottom = draw.textbbox((0, 0), text, font=font, stroke_width=size * 0.028)
        size *= min(1.0, width * 0.80 / (right - left), height * 0.70 / (bottom - top))
    font = ImageFont.load_default(size)
    draw.text(
        (width / 2, height / 2), text, font=font, fill=color, anchor="mm",
        stroke_width=size * 0.028, stroke_fill=color,
    )  # fmt: skip
    return image
