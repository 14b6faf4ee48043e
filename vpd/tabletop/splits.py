"""Train, validation and test ask about different things: each has compositions and phrasings of its own.

Of the 64 pairs of colour and shape, 40 occur in training scenes and questions; validation asks about 8 others,
test about the remaining 16. In the same proportion each family divides what it may ask: which relation of which
shapes, which property of which. A validation or test question that names a shape or a colour names something
that training never put together, and its wording is new.
"""

from itertools import product
from typing import Literal
from zlib import crc32

from vpd.tabletop.kinds import Kind
from vpd.tabletop.vocabulary import COLORS, SHAPES, WORDS, Color, Shape

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


def _split_of(residue: int) -> Split:
    """Of eight residues, five are for training, one for validation, two for test."""
    residue %= 8
    return "train" if residue < 5 else "val" if residue == 5 else "test"


def pair_split(color: Color, shape: Shape) -> Split:
    """Where a colour and a shape first occur together."""
    return _split_of(3 * COLORS.index(color) + SHAPES.index(shape))


def pair_weights(split: Split) -> dict[tuple[Color, Shape], float]:
    """The pairs that may be seen in a split's scenes: in training its own, elsewhere all, the split's own oftener."""
    pairs = list(product(COLORS, SHAPES))
    if split == "train":
        return {pair: 1.0 for pair in pairs if pair_split(*pair) == "train"}
    often = {"val": 6.0, "test": 3.0}[split]
    return {pair: often if pair_split(*pair) == split else 1.0 for pair in pairs}


def words_of(split: Split) -> list[str]:
    """The words that the split's cards carry."""
    return [word for k, word in enumerate(WORDS) if _split_of(k) == split]


def combination_split(topic: str, kinds: tuple[Kind, ...]) -> Split | None:
    """Where a family first asks its topic of these kinds, in this order; None if the kinds say too little."""
    numbers = [number for kind in kinds if (number := _number(kind)) is not None]
    if not numbers:
        return None
    return _split_of(crc32(topic.encode()) + sum(n * (1, 3, 5)[k] for k, n in enumerate(numbers)))


def _number(kind: Kind) -> int | None:
    if kind.shape:
        return SHAPES.index(kind.shape)
    return COLORS.index(kind.color) if kind.color else None


def novelties(topic: str, kinds: tuple[Kind, ...]) -> dict[str, Split]:
    """What a question puts together, each with the split that first does so."""
    found: dict[str, Split] = {}
    for kind in kinds:
        if kind.color and kind.shape:
            found[f"{kind.color} {kind.shape}"] = pair_split(kind.color, kind.shape)
    combined = combination_split(topic, kinds)
    if combined:
        found[f"{topic}: {', '.join(kind.noun if kind.shape else kind.phrase for kind in kinds)}"] = combined
    return found


def may_ask(split: Split, topic: str, kinds: tuple[Kind, ...]) -> bool:
    """Whether the split may ask this: nothing new in training, something new of its own elsewhere."""
    splits = set(novelties(topic, kinds).values())
    if split == "train":
        return splits <= {"train"}
    return not splits or (split in splits and splits <= {"train", split})
