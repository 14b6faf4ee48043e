"""Parts of which made-up scenes are written: phrases, places, lists, and what else stands in the text."""

from collections.abc import Sequence
from itertools import combinations
from string import ascii_uppercase
from typing import NamedTuple

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.plans import SIZE
from vpd.tabletop.training.pictures import ADJECTIVES, occurs
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
VALUES = {"color": COLORS, "material": MATERIALS, "size": SIZES}
SIDES = ("left", "right")

APART = 6
"""Pixels by which two places that are held against each other differ at the least; questions about pictures have as
much."""

Box = tuple[int, int, int, int]


class Told(NamedTuple):
    told: str
    asked: str
    said: str
    """The answer in a sentence or more."""
    answer: str
    """In a word."""


def conclusion(answer: str, rng: np.random.Generator) -> str:
    return f"{('So the', 'Therefore, the', 'The')[rng.integers(3)]} answer is {answer}."


def placed(phrase: str, boxes: Sequence[str], count: bool = False) -> str:
    """`one cube, at [...]`; of several, as rationales say it, `cubes, at [...] and [...], two cubes in all`."""
    if len(boxes) < 2:
        return f"one {phrase}, at {boxes[0]}" if boxes else f"no {phrase}s"
    return f"{phrase}s, at {listed(boxes)}" + (f", {NUMBERS[len(boxes)]} {phrase}s in all" if count else "")


def passing(phrase: str, words: str, boxes: Sequence[str]) -> str:
    """As rationales say which of several are so: `there are cubes that are red, at [...] and [...], ...`."""
    if not boxes:
        return f"no {phrase} is {words}"
    if len(boxes) == 1:
        return f"there is one {phrase} that is {words}, at {boxes[0]}"
    return f"there are {phrase}s that are {words}, at {listed(boxes)}, {NUMBERS[len(boxes)]} such {phrase}s in all"


def text_of(items: Sequence[str], rng: np.random.Generator, beside: Sequence[str] = ()) -> str:
    """Items in any order, among others that are not asked for."""
    told = [*items, *beside]
    return f"{'; '.join(told[index] for index in rng.permutation(len(told)))}."


def pick(rng: np.random.Generator, *some: str) -> str:
    return some[rng.integers(len(some))]


def others(rng: np.random.Generator, *phrases: str) -> list[str]:
    """Up to two things of which none is what the phrases name, each with its place."""
    found: list[str] = []
    for _ in range(rng.integers(0, 3)):
        [phrase] = draw_phrases(rng, 1)
        if all(differ(phrase, each) for each in (*phrases, *found)):
            found.append(phrase)
    return [placed(phrase, [written(draw_box(rng))]) for phrase in found]


def differ(phrase: str, other: str) -> bool:
    """Whether nothing can be both."""
    one, two = set(phrase.split()), set(other.split())
    kinds = (*VALUES.values(), SHAPES)
    return any(one & set(kind) and two & set(kind) and not one & two & set(kind) for kind in kinds)


def draw_phrases(rng: np.random.Generator, count: int, hidden: str = "") -> list[str]:
    """Each with some attributes, of which one may be hidden; nothing can be called by two of them."""
    while True:
        chosen = [_draw_phrase(rng, hidden) for _ in range(count)]
        if all(differ(one, other) for one, other in combinations(chosen, 2)):
            return chosen


def _draw_phrase(rng: np.random.Generator, hidden: str) -> str:
    while True:
        names = [name for name in ADJECTIVES if name != hidden and rng.random() < 0.4]
        shape = SHAPES[rng.integers(len(SHAPES))] if rng.random() < 0.8 else None
        phrase = Kind(shape, **{name: rng.choice(VALUES[name]) for name in names}).phrase
        if occurs(phrase):
            return phrase


def draw_value(rng: np.random.Generator) -> tuple[str, str, str]:
    """An attribute, a phrase that does not name it, and a value."""
    while True:
        name = tuple(VALUES)[rng.integers(len(VALUES))]
        [phrase] = draw_phrases(rng, 1, name)
        value = pick(rng, *VALUES[name])
        if occurs(f"{value} {phrase}"):
            return name, phrase, value


def other_value(rng: np.random.Generator, name: str, phrase: str, value: str) -> str:
    """Half of the time the same."""
    other = value if rng.random() < 0.5 else str(rng.choice(VALUES[name]))
    return other if occurs(f"{other} {phrase}") else value


def draw_word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(list(ascii_uppercase), rng.integers(3, 8)))


def draw_box(rng: np.random.Generator) -> Box:
    """In pixels of a small scene."""
    wide, high = (int(side) for side in rng.integers(8, 48, 2))
    x, y = int(rng.integers(0, SIZE - wide)), int(rng.integers(0, SIZE - high))
    return x, y, x + wide, y + high


def draw_boxes(rng: np.random.Generator, count: int) -> list[str]:
    return in_order([draw_box(rng) for _ in range(count)], rng)


def in_order(boxes: Sequence[Box], rng: np.random.Generator) -> list[str]:
    """Mostly from left to right, as detectors give them."""
    return [written(box) for box in (sorted(boxes) if rng.random() < 0.7 else boxes)]


def middle(box: Box) -> float:
    return (box[0] + box[2]) / 2


def area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def looks(name: str, rng: np.random.Generator) -> str:
    """As rationales say what an attribute is."""
    return pick(rng, "is", "looks", "is made of" if name == "material" else "is")


def written(box: Box) -> str:
    return f"[{', '.join(str(round(1000 * edge / SIZE)) for edge in box)}]"


def be(count: int) -> str:
    return "is" if count == 1 else "are"


def yes(holds: bool) -> str:
    return "yes" if holds else "no"


def a(phrase: str) -> str:
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def listed(items: Sequence[str]) -> str:
    return " and ".join((", ".join(items[:-1]), items[-1]) if len(items) > 1 else items)


def opened(text: str) -> str:
    """As a sentence begins."""
    return text[0].upper() + text[1:]
