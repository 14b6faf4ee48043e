"""What vision-language models are asked in training: skills of one step, with answers from the annotations.

Boxes are written as Qwen3-VL writes them: `[x1, y1, x2, y2]` in thousandths of the image's width and height.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vision_tools.boxes import overlap
from vision_tools.regions import Box
from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.kinds import Kind, with_article
from vpd.tabletop.scene import Solid
from vpd.tabletop.training.pictures import describe, holds
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

INSTRUCTION = "Answer with a single word or phrase."
"""Of short answers, as the tools and the training rows of this project ask for them."""

_VALUES = {"color": COLORS, "material": MATERIALS, "shape": SHAPES, "size": SIZES}
_NAMES = {True: tuple(_VALUES), False: tuple(name for name in _VALUES if name != "color")}
"""What may be asked for, by whether colors may be named."""

_CAPTIONS = 0.5
"""Share of the images that are described in full: long, and learnt soon."""

_ATTRIBUTES, _PLACES, _LISTS = 4, 3, 2
"""Questions about one image. An attribute is one word, where a place is four numbers: it takes more of them."""

_BOX = re.compile(r"\[(\d+), (\d+), (\d+), (\d+)\]")


class Lesson(NamedTuple):
    skill: str
    question: str
    answer: str


def one_step(view: Annotation, rng: np.random.Generator, colors: bool = True) -> list[Lesson]:
    """The skills that a base model should bring along: nothing that takes counting, comparing or two looks.

    Args:
        colors: whether the image has the scene's colors, and any may be named.
    """
    seen = view.seen
    lessons: list[Lesson] = []
    one = seen[rng.integers(len(seen))]
    if colors:
        if rng.random() < _CAPTIONS:
            caption = _listed([f"{_box(s, view)} {name_of(s)}" for s in seen])
            lessons.append(Lesson("caption", "Describe the picture.", caption))
        lessons.append(Lesson("what is there", f"What is at {_box(one, view)}?", name_of(one)))
    for index in rng.permutation(len(seen))[:_ATTRIBUTES].tolist():
        lessons += _attribute(seen[index], _only(seen[index], seen, rng, colors), rng, colors)
    for index in rng.permutation(len(seen))[:_PLACES].tolist():
        phrase = _only(seen[index], seen, rng, colors)
        if phrase:
            lessons.append(Lesson("where is it", f"Where is the {phrase}?", _box(seen[index], view)))
    for _ in range(_LISTS):
        phrase = describe(seen[rng.integers(len(seen))], rng, colors)
        if rng.random() < 0.2:  # often nothing there is like this
            color = COLORS[rng.integers(8)] if colors and rng.random() < 0.4 else None
            phrase = Kind(SHAPES[rng.integers(8)], color).phrase
        found = [s for s in seen if holds(phrase, s)]
        lessons.append(Lesson("list", f"Where are all {phrase}s?", _listed([_box(s, view) for s in found])))
    for sign in view.signs[:1]:
        where = "" if len(view.signs) == 1 else f" at {_box(sign, view)}"
        lessons.append(Lesson("read", f"What does the sign{where} say?", sign.text))
    return lessons


def simple(seen: Seen, rng: np.random.Generator, colors: bool = True) -> list[Lesson]:
    """What programs ask about a crop of one thing; `colors` as above."""
    if not isinstance(seen.thing, Solid):
        asked = (
            "What does the sign say?",
            "What is written on the sign?",
            "What word or number is on the sign?",
        )
        return [_short("read", asked[rng.integers(len(asked))], seen.text)]
    noun = ("object", seen.name, describe(seen, rng, colors))[rng.integers(3)]
    name = _NAMES[colors][rng.integers(len(_NAMES[colors]))]
    value = getattr(seen.thing, name)
    guess = value if rng.random() < 0.5 else _VALUES[name][rng.integers(len(_VALUES[name]))]
    said = with_article(guess) if name == "shape" else guess
    return [
        *_attribute(seen, noun, rng, colors),
        _short(f"is it {name}", f"Is the {noun} {said}?", "yes" if guess == value else "no"),
        _short("what is it", f"What {('is this', 'object is this')[rng.integers(2)]}?", seen.name),
    ]


def name_of(seen: Seen) -> str:
    if not isinstance(seen.thing, Solid):
        return f'sign "{seen.text}"'
    thing = seen.thing
    return Kind(thing.shape, thing.color, thing.material, thing.size).phrase


def right(lesson: Lesson, said: str) -> bool:
    """Whether an answer is right: boxes by an overlap of half, the rest word for word."""
    wanted, given = _boxes(lesson.answer), _boxes(said)
    if len(wanted) != len(given) or any(overlap(a, b) < 0.5 for a, b in zip(wanted, given, strict=True)):
        return False
    return _BOX.sub("[]", said).strip().lower() == _BOX.sub("[]", lesson.answer).lower()


def _only(one: Seen, seen: Sequence[Seen], rng: np.random.Generator, colors: bool) -> str:
    """A phrase that is true of this thing alone, or '' where none was found."""
    for _ in range(3):
        phrase = describe(one, rng, colors)
        if sum(holds(phrase, s) for s in seen) == 1:
            return phrase
    return ""


def _attribute(seen: Seen, phrase: str, rng: np.random.Generator, colors: bool) -> list[Lesson]:
    if not phrase or not isinstance(seen.thing, Solid):
        return []
    known = set(phrase.split())
    names = [name for name in _NAMES[colors] if getattr(seen.thing, name) not in known]
    if not names:
        return []
    name = names[rng.integers(len(names))]
    text = f"What {name} is {('the', 'this')[int(name == 'shape' and rng.random() < 0.5)]} {phrase}?"
    return [_short(name, text, getattr(seen.thing, name))]


def _short(skill: str, question: str, answer: str) -> Lesson:
    return Lesson(skill, f"{question} {INSTRUCTION}", answer)


def _listed(items: Sequence[str]) -> str:
    return "; ".join(items) or "none"


def _box(seen: Seen, view: Annotation) -> str:
    x1, y1, x2, y2 = seen.box
    wide, high = 1000 / view.width, 1000 / view.height
    return f"[{round(x1 * wide)}, {round(y1 * high)}, {round(x2 * wide)}, {round(y2 * high)}]"


def _boxes(text: str) -> list[Box]:
    return [Box(*map(float, numbers)) for numbers in _BOX.findall(text)]
