"""One tool on one image: what it answers, in words and drawn on the image."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw

from vision_tools import registry
from vision_tools.decoding import open_image
from vision_tools.errors import ToolUnavailable
from vision_tools.regions import Box, Picture, Region
from vision_tools.roles import AnswerQuery, AttributeQuery, KnowledgeQuery, NameQuery, TextsQuery

_COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000")


class ToolName(NamedTuple):
    role: str
    name: str
    settings: tuple[str, ...]


class Tryout(NamedTuple):
    lines: list[str]
    """What the tool answered, a line for each thing it found."""
    drawing: Image.Image
    """The image with the boxes of what was found."""


class _Finding(NamedTuple):
    text: str
    box: Box | None = None


def list_tools() -> list[ToolName]:
    """Every tool that can be named, with its settings. Loads no model.

    Raises:
        ToolUnavailable: another package's tool cannot be imported.
    """
    return [
        ToolName(role, name, tuple(signature(registry.factory(role, name)).parameters))
        for role in registry.PROTOCOLS
        for name in registry.available(role)
    ]


def try_tool(
    role: str, name: str, settings: Mapping[str, Any], image: str | Path, ask: Sequence[str] = ()
) -> Tryout:
    """Make a tool and ask it one thing about a whole image.

    Args:
        ask: what the role needs: the name to find; the name and the attribute to verify; the texts to score;
            the question to answer. Nothing for a reader, a depth estimator or a segmenter.

    Raises:
        ToolUnavailable: the tool cannot be made, or `ask` does not suit its role.
        ToolError: the image cannot be read, or the tool cannot answer.
    """
    picture = open_image(image)
    content = hashlib.sha256(Path(image).read_bytes()).hexdigest()
    region = Region(Picture(content, lambda: picture), (0, 0, *picture.size))
    tool = registry.create(role, name, settings)
    findings = _ASK[role](tool, region, ask)
    return Tryout([finding.text for finding in findings] or ["nothing found"], _drawn(picture, findings))


def _detect(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    (name,) = _needed(ask, "the name to find")
    found = tool.detect([NameQuery(region, name)])[0]
    return [_Finding(f"{d.label} {d.score:.2f} at {_place(d.box)}", d.box) for d in found]


def _verify(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    name, attribute = _needed(ask, "a name", "an attribute")
    return [_Finding("yes" if tool.verify([AttributeQuery(region, name, attribute)])[0] else "no")]


def _score(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    if not ask:
        raise ToolUnavailable("give the texts to score")
    scores = tool.score([TextsQuery(region, tuple(ask))])[0]
    return [
        _Finding(f"{score:.4f} {text}") for score, text in sorted(zip(scores, ask, strict=True), reverse=True)
    ]


def _depth(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    """Of the whole image, and of its nine parts."""
    _needed(ask)
    width, height = region.size
    parts = [
        Region(region.picture, (width * i // 3, height * j // 3, width * (i + 1) // 3, height * (j + 1) // 3))
        for j in range(3)
        for i in range(3)
    ]
    whole, *depths = tool.depth([region, *parts])
    found = [
        _Finding(f"{value:.3f}", Box(*map(float, part.box)))
        for part, value in zip(parts, depths, strict=True)
    ]
    return [_Finding(f"median depth {whole:.3f}"), *found]


def _read(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    _needed(ask)
    return [_Finding(line.text, line.box) for line in tool.read([region])[0]]


def _answer(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    (question,) = _needed(ask, "the question")
    return [_Finding(tool.answer([AnswerQuery(region, question)])[0])]


def _know(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    (question,) = _needed(ask, "the question")
    return [_Finding(tool.know([KnowledgeQuery(question)])[0])]


def _segment(tool: Any, region: Region, ask: Sequence[str]) -> list[_Finding]:
    _needed(ask)
    segment = tool.segment([region])[0]
    return [_Finding(f"object {segment.score:.2f} at {_place(segment.box)}", segment.box)]


_ASK: dict[str, Callable[[Any, Region, Sequence[str]], list[_Finding]]] = {
    "detector": _detect,
    "attributes": _verify,
    "scorer": _score,
    "depth": _depth,
    "reader": _read,
    "answerer": _answer,
    "knowledge": _know,
    "segmenter": _segment,
}


def _needed(ask: Sequence[str], *what: str) -> Sequence[str]:
    if len(ask) != len(what):
        raise ToolUnavailable(f"give {' and '.join(what) or 'no question'}, not {len(ask)} texts")
    return ask


def _place(box: Box) -> str:
    return ", ".join(f"{side:.0f}" for side in box)


def _drawn(picture: Image.Image, findings: Sequence[_Finding]) -> Image.Image:
    drawing = picture.copy()
    pen = ImageDraw.Draw(drawing)
    width = max(1, round(max(picture.size) / 300))
    for i, finding in enumerate(findings):
        if finding.box is None or finding.box.area <= 0:
            continue
        colour = _COLOURS[i % len(_COLOURS)]
        x1, y1, x2, y2 = finding.box
        pen.rectangle((x1, y1, max(x2 - 1, x1), max(y2 - 1, y1)), outline=colour, width=width)
        label = pen.textbbox((x1 + width, y1 + width), finding.text)
        pen.rectangle(label, fill=colour)
        pen.text((x1 + width, y1 + width), finding.text, fill="white")
    return drawing
