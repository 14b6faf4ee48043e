"""Many scenes on one picture, with their questions and answers: for the docs, and to look at what one made."""

from collections.abc import Sequence
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont

from vpd.tabletop.generation import Asked
from vpd.tabletop.rendering.picture import render

_PAPER, _INK, _ANSWER = (250, 250, 248), (40, 42, 48), (20, 96, 150)
_FONT = 12
_LINE = 16


def contact_sheet(
    scenes: Sequence[Asked], columns: int, tile: int = 256, captions: bool = True
) -> Image.Image:
    """Scenes side by side, each `tile` pixels wide, under each its first question with the gold answer.

    The frames of a clip fill one tile, in rows.
    """
    high = tile + (5 * _LINE if captions else 0)
    rows = -(-len(scenes) // columns)
    sheet = Image.new("RGB", (columns * (tile + 8) + 8, rows * (high + 8) + 8), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for k, asked in enumerate(scenes):
        x, y = 8 + k % columns * (tile + 8), 8 + k // columns * (high + 8)
        sheet.paste(_picture(asked, tile), (x, y))
        if captions and asked.questions:
            _caption(draw, asked, x, y + tile + 4, tile)
    return sheet


def _picture(asked: Asked, tile: int) -> Image.Image:
    if asked.world != "clip":
        return render(asked.views[0].scene).resize((tile, tile), Image.Resampling.LANCZOS)
    image = Image.new("RGB", (tile, tile), _PAPER)
    side = tile // 4
    for place, view in enumerate(asked.views):
        small = render(view.scene).resize((side - 2, side - 2), Image.Resampling.LANCZOS)
        image.paste(small, (place % 4 * side, place // 4 * side))
    return image


def _caption(draw: ImageDraw.ImageDraw, asked: Asked, x: int, y: int, width: int) -> None:
    question = asked.questions[0]
    font = ImageFont.load_default(_FONT)
    lines = wrap(question.text, max(20, width * 10 // 62))[:4]
    for k, line in enumerate(lines):
        draw.text((x, y + k * _LINE), line, fill=_INK, font=font)
    draw.text((x, y + len(lines) * _LINE), question.answer, fill=_ANSWER, font=font)
