"""Rendered scenes for the specialists that see, and what can be said of the things in them."""

from collections.abc import Container, Sequence
from dataclasses import replace
from functools import lru_cache
from string import ascii_uppercase
from typing import NamedTuple

import numpy as np
from PIL import Image

from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.kinds import Kind
from vpd.tabletop.plans import SIZE, draw_plan
from vpd.tabletop.questions.family import World
from vpd.tabletop.rendering.picture import render
from vpd.tabletop.scene import Solid
from vpd.tabletop.splits import Split, pair_split
from vpd.tabletop.training.rendered import rendered
from vpd.tabletop.vocabulary import COLORS, SHAPES
from vpd.tabletop.worlds import lay_out

_WIDE_SIDE = 384
"""Wide scenes are learnt from at this size: no model sees all of their 1024 pixels at once, and drawing takes time."""

_WORLDS: dict[World, float] = {"solids": 0.55, "signs": 0.25, "wide": 0.1, "clip": 0.1}

_POOL_SEED = 2
"""Another than the seeds of held-out scenes and of data sets."""

GENERAL = ("object", "thing")
"""Nouns for everything on the table."""

ADJECTIVES = ("size", "color", "material")

PARTS = 16
"""The training scenes are dealt into so many parts; each batch draws from one of them, in turn."""

_PART = 1000
"""Scenes of a part. Rendering one costs as much as learning from it, so scenes are used again."""

_SIGNS = 0.45
"""Share of the small pictures that show signs: reading takes longest to learn."""

_LETTERS = 0.5
"""Share of the words on training signs that are random letters: whoever reads them has to read letter by letter."""


class Shot(NamedTuple):
    image: Image.Image
    view: Annotation


def draw_shots(
    split: Split, count: int, rng: np.random.Generator, worlds: dict[World, float] | None = None
) -> list[Shot]:
    """Rendered scenes of all worlds; of a clip one frame."""
    shares = worlds or _WORLDS
    drawn = rng.choice(list(shares), count, p=list(shares.values()))
    return [
        Shot(render(view.scene), view) for view in (_view(str(world), split, rng, 0.0) for world in drawn)
    ]


def training_shots(
    count: int, rng: np.random.Generator, part: int, worlds: dict[World, float] | None = None
) -> list[Shot]:
    """Scenes out of one part of the pool: a process that always sees the same parts keeps them in memory."""
    shares = tuple((worlds or _WORLDS).items())
    return [_pooled(part + PARTS * number, shares) for number in rng.integers(_PART, size=count).tolist()]


def small_shots(count: int, rng: np.random.Generator, part: int) -> list[Shot]:
    """Of the same scenes, those that are seen whole in 128 pixels; nearly half of them with signs."""
    drawn = [shot for shot in training_shots(3 * count, rng, part) if shot.image.width == SIZE]
    signs = [shot for shot in drawn if shot.view.signs]
    others = [shot for shot in drawn if not shot.view.signs]
    few = round(_SIGNS * count)
    return [*signs[:few], *others, *signs[few:]][:count]


@lru_cache(maxsize=PARTS * _PART)
def _pooled(number: int, worlds: tuple[tuple[World, float], ...]) -> Shot:
    rng = np.random.default_rng((_POOL_SEED, number))
    names, shares = zip(*worlds, strict=True)
    view = _view(str(rng.choice(names, p=shares)), "train", rng, _LETTERS)
    # Without its depth map, which can be had again: a picture is 50 KB, and the map three times as much.
    return Shot(rendered(view.scene), replace(view))


def _view(world: str, split: Split, rng: np.random.Generator, letters: float) -> Annotation:
    views = None
    while views is None:
        plan = draw_plan(world, split, rng)  # type: ignore[arg-type]
        texts = tuple(_misspelt(t, rng) if letters and rng.random() < letters else t for t in plan.texts)
        views = lay_out(world, replace(plan, texts=texts, size=_WIDE_SIDE if plan.wide else plan.size), rng)  # type: ignore[arg-type]
    return views[int(rng.integers(len(views)))]


def _misspelt(text: str, rng: np.random.Generator) -> str:
    """Random letters, as many as the word's; numbers stay."""
    return text if text.isdigit() else "".join(rng.choice(list(ascii_uppercase), len(text)))


def recolored(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The same with other colors, often paler ones: whoever learns from it cannot tell a shape by its color.

    Training shows 40 of the 64 pairs of color and shape; of the others a model that took the color for a hint would
    see the shape wrong.
    """
    pixels = np.asarray(image, np.float32)[..., rng.permutation(3)]
    gray = pixels.mean(axis=-1, keepdims=True)
    return Image.fromarray((gray + rng.random() * (pixels - gray) + 0.5).astype(np.uint8))


def describe(seen: Seen, rng: np.random.Generator, hidden: Container[str] = ()) -> str:
    """A phrase that is true of a thing, with some of its attributes: `red cube`, `large object`, `sign`.

    Args:
        hidden: attributes that it may not name, out of `shape` and `ADJECTIVES`.
    """
    if not isinstance(seen.thing, Solid):
        return ("sign", "sign", "white sign", *GENERAL)[rng.integers(5)]
    drawn = [name for name in ADJECTIVES if rng.random() < 0.45]
    given = {name: getattr(seen.thing, name) for name in drawn if name not in hidden}
    if rng.random() < 0.8 and "shape" not in hidden:
        return Kind(shape=seen.thing.shape, **given).phrase
    return Kind(**given).phrase.replace("object", GENERAL[rng.integers(len(GENERAL))])


def occurs(phrase: str) -> bool:
    """Whether training scenes show the color and shape that a phrase names. Of another pair it would be learnt that
    nothing is like it."""
    words = phrase.split()
    return all(
        pair_split(color, shape) == "train"
        for color in COLORS
        if color in words
        for shape in SHAPES
        if shape in words
    )


def holds(phrase: str, seen: Seen) -> bool:
    """Whether a phrase made of adjectives and a noun, or of one of these, is true of a thing."""
    return {seen.name, *seen.attributes, *GENERAL}.issuperset(phrase.split())


def padded(rows: Sequence[Sequence[Sequence[float]]], width: int) -> np.ndarray:
    """Ragged rows as one array of shape (rows, longest row, width), zeros where a row has ended."""
    longest = max([1, *map(len, rows)])
    whole = np.zeros((len(rows), longest, width), np.float32)
    for index, row in enumerate(rows):
        whole[index, : len(row)] = np.asarray(row, np.float32).reshape(len(row), width)
    return whole
