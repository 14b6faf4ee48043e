"""Which solids and cards stand in a scene, drawn at random from what a split may show."""

import numpy as np

from vpd.tabletop.layout import Look, Plan
from vpd.tabletop.questions.family import World
from vpd.tabletop.splits import Split, pairs_of, words_of
from vpd.tabletop.vocabulary import MATERIALS, SIZES, Color, Shape

SIZE = 128
WIDE_SIZE = 1024

# Turned upside down these read as other numbers, and text readers do turn them.
NUMBERS = tuple(str(n) for n in range(10, 100) if not set(str(n)) <= set("01689"))

_NEW = 0.5
"""In validation and test, the share of solids whose colour and shape are new together."""


def draw_plan(world: World, split: Split, rng: np.random.Generator) -> Plan:
    """A plan for one image; for a clip, of everything that is ever on the table."""
    match world:
        case "solids":
            return Plan(draw_looks(int(rng.integers(3, 10)), split, rng), size=SIZE)
        case "signs":
            texts = tuple(draw_text(split, rng) for _ in range(int(rng.integers(1, 3))))
            if len(texts) == 2 and rng.random() < 0.5:
                texts = tuple(NUMBERS[k] for k in rng.choice(len(NUMBERS), 2, replace=False))
            return Plan(draw_looks(int(rng.integers(2, 5)), split, rng), texts, SIZE)
        case "wide":
            texts = tuple(draw_text(split, rng) for _ in range(int(rng.integers(2, 5)) if rng.random() < 0.5 else 0))
            return Plan(draw_looks(int(rng.integers(9, 15)), split, rng), texts, WIDE_SIZE, wide=True)
        case "clip":
            return Plan(draw_looks(int(rng.integers(3, 6)), split, rng), (draw_text(split, rng),), SIZE)


def draw_text(split: Split, rng: np.random.Generator) -> str:
    if rng.random() < 0.45:
        return NUMBERS[rng.integers(len(NUMBERS))]
    words = words_of(split)
    return words[rng.integers(len(words))]


def draw_looks(count: int, split: Split, rng: np.random.Generator) -> tuple[Look, ...]:
    """Often from a few colours or shapes only, so that there is something to count and to confuse."""
    known, new = pairs_of("train"), pairs_of(split)
    few = rng.random()
    if few < 0.35:
        known = _with_few(known, 1, int(rng.integers(1, 4)), rng)
    elif few < 0.6:
        known = _with_few(known, 0, int(rng.integers(1, 4)), rng)
    materials = MATERIALS if rng.random() < 0.8 else MATERIALS[(k := int(rng.integers(2))) : k + 1]
    looks: list[Look] = []
    for _ in range(count):
        pairs = new if split != "train" and rng.random() < _NEW else known
        color, shape = pairs[rng.integers(len(pairs))]
        looks.append(Look(shape, color, materials[rng.integers(len(materials))], SIZES[rng.integers(3)]))
    return tuple(looks)


def _with_few(
    pairs: list[tuple[Color, Shape]], part: int, count: int, rng: np.random.Generator
) -> list[tuple[Color, Shape]]:
    """The pairs with one of a few colours (`part` 0) or shapes (1)."""
    values = sorted({pair[part] for pair in pairs})
    kept = {values[k] for k in rng.choice(len(values), count, replace=False)}
    return [pair for pair in pairs if pair[part] in kept]
