"""Which solids and cards stand in a scene, drawn at random from what a split may show."""

import numpy as np

from vpd.tabletop.layout import Look, Plan
from vpd.tabletop.questions.family import World
from vpd.tabletop.splits import Split, pair_weights, words_of
from vpd.tabletop.vocabulary import MATERIALS, SIZES

SIZE = 128
WIDE_SIZE = 1024

# Turned upside down these read as other numbers, and text readers do turn them.
NUMBERS = tuple(str(n) for n in range(10, 100) if not set(str(n)) <= set("01689"))


def draw_plan(world: World, split: Split, rng: np.random.Generator) -> Plan:
    """A plan for one image; for a clip, of everything that is ever on the table."""
    match world:
        case "solids":
            return Plan(draw_looks(int(rng.integers(3, 10)), split, rng), size=SIZE)
        case "signs":
            texts = tuple(draw_text(split, rng) for _ in range(1 if rng.random() < 0.6 else 2))
            if rng.random() < 0.6:
                texts = tuple(NUMBERS[k] for k in rng.choice(len(NUMBERS), len(texts), replace=False))
            return Plan(draw_looks(int(rng.integers(2, 7)), split, rng), texts, SIZE)
        case "wide":
            texts = tuple(
                draw_text(split, rng) for _ in range(int(rng.integers(2, 5)) if rng.random() < 0.5 else 0)
            )
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
    weights = pair_weights(split)
    few = rng.random()
    if few < 0.6:
        part = 0 if few < 0.25 else 1
        values = sorted({pair[part] for pair in weights})
        kept = {values[k] for k in rng.choice(len(values), int(rng.choice((1, 1, 2, 2, 3))), replace=False)}
        weights = {pair: weight for pair, weight in weights.items() if pair[part] in kept}
    materials = MATERIALS if rng.random() < 0.8 else MATERIALS[(k := int(rng.integers(2))) : k + 1]
    pairs = list(weights)
    shares = np.array(list(weights.values()))
    drawn = [pairs[k] for k in rng.choice(len(pairs), count, p=shares / shares.sum())]
    return tuple(
        Look(shape, color, materials[rng.integers(len(materials))], SIZES[rng.integers(3)])
        for color, shape in drawn
    )
