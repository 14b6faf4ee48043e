"""Rendered scenes for the specialists that see, and what can be said of the things in them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.kinds import Kind
from vpd.tabletop.plans import draw_plan
from vpd.tabletop.questions.family import World
from vpd.tabletop.rendering.picture import render
from vpd.tabletop.scene import Solid
from vpd.tabletop.splits import Split
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

_KEPT = 6000
"""Scenes that a process keeps in memory: 200 to 400 KB each."""


class Shot(NamedTuple):
    image: Image.Image
    view: Annotation


def draw_shots(
    split: Split, count: int, rng: np.random.Generator, worlds: dict[World, float] | None = None
) -> list[Shot]:
    """Rendered scenes of all worlds; of a clip one frame."""
    shares = worlds or _WORLDS
    return [
        _shot(str(world), split, rng) for world in rng.choice(list(shares), count, p=list(shares.values()))
    ]


def training_shots(
    count: int, rng: np.random.Generator, part: int, worlds: dict[World, float] | None = None
) -> list[Shot]:
    """Scenes out of one part of the pool: a process that always sees the same parts keeps them in memory."""
    shares = tuple((worlds or _WORLDS).items())
    return [_pooled(part + PARTS * number, shares) for number in rng.integers(_PART, size=count).tolist()]


@lru_cache(maxsize=_KEPT)
def _pooled(number: int, worlds: tuple[tuple[World, float], ...]) -> Shot:
    [shot] = draw_shots("train", 1, np.random.default_rng((_POOL_SEED, number)), dict(worlds))
    return shot


def _shot(world: str, split: Split, rng: np.random.Generator) -> Shot:
    views = None
    while views is None:
        plan = draw_plan(world, split, rng)  # type: ignore[arg-type]
        views = lay_out(world, replace(plan, size=_WIDE_SIDE) if plan.wide else plan, rng)  # type: ignore[arg-type]
    view = views[int(rng.integers(len(views)))]
    return Shot(render(view.scene), view)


def describe(seen: Seen, rng: np.random.Generator) -> str:
    """A phrase that is true of a thing, with some of its attributes: `red cube`, `large object`, `sign`."""
    if not isinstance(seen.thing, Solid):
        return ("sign", "sign", "white sign", *GENERAL)[rng.integers(5)]
    given = {name: getattr(seen.thing, name) for name in ADJECTIVES if rng.random() < 0.45}
    if rng.random() < 0.8:
        return Kind(shape=seen.thing.shape, **given).phrase
    return Kind(**given).phrase.replace("object", GENERAL[rng.integers(len(GENERAL))])


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
