"""What vision-language models are asked in training: skills of one step, with answers from the annotations.

Boxes are written as Qwen3-VL writes them: `[x1, y1, x2, y2]` in thousandths of the image's width and height.
"""

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

import numpy as np

from vision_tools.boxes import overlap
from vision_tools.regions import Box
from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.kinds import Kind, with_article
from vpd.tabletop.scene import Solid
from vpd.tabletop.training.pictures import describe, holds, occurs
from vpd.tabletop.training.written import from_words
from vpd.tabletop.training.written_scene import conclusion, placed
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES
from vpd.text.asking import RATIONALE_SUFFIX

INSTRUCTION = "Answer with a single word or phrase."
"""Of short answers, as the tools and the training rows of this project ask for them."""

IN_WORDS = "in words"
"""The skill of questions that have nothing to do with the image; see `written`."""

_VALUES = {"color": COLORS, "material": MATERIALS, "shape": SHAPES, "size": SIZES}
_NAMES = {True: tuple(_VALUES), False: tuple(name for name in _VALUES if name != "color")}
"""What may be asked for, by whether colors may be named."""

_CAPTIONS = 0.5
"""Share of the images that are described in full: long, and learnt soon."""

_ATTRIBUTES, _PLACES, _LISTS = 4, 3, 2
"""Questions about one image. An attribute is one word, where a place is four numbers: it takes more of them."""

_WRITTEN = 3
"""Questions about words alone, with each image."""

_PARTNER = {"color": "shape", "shape": "color"}
_APART = 0.85
"""Share of the training questions for one of them that do not name the other: training shows 40 of the 64 pairs, so
that a model which read the one would not look for the other."""

_BOX = re.compile(r"\[(\d+), (\d+), (\d+), (\d+)\]")


class Lesson(NamedTuple):
    skill: str
    question: str
    answer: str


def one_step(
    view: Annotation, rng: np.random.Generator, colors: bool = True, *, training: bool = False
) -> list[Lesson]:
    """The skills that a base model should bring along: nothing that takes counting, comparing or two looks.

    Args:
        colors: whether the image has the scene's colors. Otherwise captions and names still tell the scene's, and no
            other answer does.
        training: whether they are to be learnt from: color and shape then are seldom named together, and some
            answers are whole sentences.
    """
    seen = view.seen
    lessons: list[Lesson] = []
    one = seen[rng.integers(len(seen))]
    hidden = () if colors else ("color",)
    if rng.random() < _CAPTIONS:
        caption = _listed([f"{_box(s, view)} {name_of(s)}" for s in seen])
        lessons.append(Lesson("caption", "Describe the picture.", caption))
    lessons.append(Lesson("what is there", f"What is at {_box(one, view)}?", name_of(one)))
    for index in rng.permutation(len(seen))[:_ATTRIBUTES].tolist():
        lessons += _attribute(seen[index], view, rng, colors, training)
    for index in rng.permutation(len(seen))[:_PLACES].tolist():
        phrase = _only(seen[index], seen, rng, hidden)
        if phrase:
            lessons.append(Lesson("where is it", f"Where is the {phrase}?", _box(seen[index], view)))
    for _ in range(_LISTS):
        phrases = [p for p in (_any(seen, rng, hidden) for _ in range(2)) if not training or occurs(p)]
        if not phrases:
            continue
        if training and rng.random() < 0.4:
            some = phrases[: rng.integers(1, 3)]
            asked = " and the ".join(f"{phrase}s" for phrase in some)
            answer = _there([(p, _boxes_of(p, view)) for p in some], rng)
            lessons.append(Lesson("list", f"Where are the {asked}? {RATIONALE_SUFFIX}", f"{answer}."))
        else:
            lessons.append(
                Lesson("list", f"Where are all {phrases[0]}s?", _listed(_boxes_of(phrases[0], view)))
            )
    lessons += [Lesson(IN_WORDS, *from_words(rng)) for _ in range(_WRITTEN)]
    for sign in view.signs[:1]:
        where = "" if len(view.signs) == 1 else f" at {_box(sign, view)}"
        lessons.append(Lesson("read", f"What does the sign{where} say?", sign.text))
    return lessons


def simple(
    seen: Seen, rng: np.random.Generator, colors: bool = True, *, training: bool = False
) -> list[Lesson]:
    """What programs ask about a crop of one thing; `colors` and `training` as above."""
    if not isinstance(seen.thing, Solid):
        asked = (
            "What does the sign say?",
            "What is written on the sign?",
            "What word or number is on the sign?",
        )
        return [_short("read", asked[rng.integers(len(asked))], seen.text)]
    noun = ("object", seen.name, describe(seen, rng, () if colors else ("color",)))[rng.integers(3)]
    name = _NAMES[colors][rng.integers(len(_NAMES[colors]))]
    value = getattr(seen.thing, name)
    guess = value if rng.random() < 0.5 else _VALUES[name][rng.integers(len(_VALUES[name]))]
    said = with_article(guess) if name == "shape" else guess
    if training and not occurs(f"{guess} {noun}"):
        noun = "object"
    wanted = _NAMES[colors][rng.integers(len(_NAMES[colors]))]
    called = describe(seen, rng, _hidden(wanted, rng, colors, training)) if rng.random() < 0.7 else "object"
    return [
        _short(wanted, f"What {wanted} is {_pointed(wanted, rng)} {called}?", getattr(seen.thing, wanted)),
        _short(f"is it {name}", f"Is the {noun} {said}?", "yes" if guess == value else "no"),
        _short("what is it", f"What {('is this', 'object is this')[rng.integers(2)]}?", seen.name),
    ]


def name_of(seen: Seen) -> str:
    if not isinstance(seen.thing, Solid):
        return f'sign "{seen.text}"'
    thing = seen.thing
    return Kind(thing.shape, thing.color, thing.material, thing.size).phrase


def right(lesson: Lesson, said: str) -> bool:
    """Whether an answer is right: boxes by an overlap of half, the rest word for word; of words alone what is
    concluded, where something is."""
    if lesson.skill == IN_WORDS:
        lesson, said = lesson._replace(answer=_concluded(lesson.answer)), _concluded(said)
    wanted, given = _boxes(lesson.answer), _boxes(said)
    if len(wanted) != len(given) or any(overlap(a, b) < 0.5 for a, b in zip(wanted, given, strict=True)):
        return False
    return _BOX.sub("[]", said).strip().lower() == _BOX.sub("[]", lesson.answer).lower()


def _only(one: Seen, seen: Sequence[Seen], rng: np.random.Generator, hidden: Container[str]) -> str:
    """A phrase that is true of this thing alone, or '' where none was found."""
    for _ in range(3):
        phrase = describe(one, rng, hidden)
        if sum(holds(phrase, s) for s in seen) == 1:
            return phrase
    return ""


def _any(seen: Sequence[Seen], rng: np.random.Generator, hidden: Container[str]) -> str:
    """A phrase that is true of something, or drawn at large: then there is often nothing like it."""
    if rng.random() < 0.2:
        color = COLORS[rng.integers(8)] if "color" not in hidden and rng.random() < 0.4 else None
        return Kind(SHAPES[rng.integers(8)], color).phrase
    return describe(seen[int(rng.integers(len(seen)))], rng, hidden)


def _attribute(
    one: Seen, view: Annotation, rng: np.random.Generator, colors: bool, training: bool
) -> list[Lesson]:
    if not isinstance(one.thing, Solid):
        return []
    name = _NAMES[colors][rng.integers(len(_NAMES[colors]))]
    hidden = _hidden(name, rng, colors, training)
    phrase, value = _only(one, view.seen, rng, hidden), getattr(one.thing, name)
    where = "" if phrase else f" at {_box(one, view)}"
    if where and not training:
        return []
    if training and rng.random() < 0.15:
        looks = ("is", "looks")[rng.integers(2)]
        is_so = {"shape": f"is a {value}", "material": f"is made of {value}"}.get(name, f"{looks} {value}")
        found = f"{_there([(phrase, [_box(one, view)])], rng)}, and the {phrase}"
        if where:
            phrase = describe(one, rng, hidden)
            found = f"The {phrase} {_box(one, view)}"
        account = f"{found} {is_so}. {conclusion(value, rng)}"
        return [Lesson(name, f"What {name} is the {phrase}{where}? {RATIONALE_SUFFIX}", account)]
    phrase = phrase or describe(one, rng, hidden)
    return [_short(name, f"What {name} is {_pointed(name, rng)} {phrase}{where}?", value)]


def _hidden(name: str, rng: np.random.Generator, colors: bool, training: bool) -> set[str]:
    """What a question for an attribute does not name."""
    apart = training and name in _PARTNER and rng.random() < _APART
    return {name} | ({"color"} if not colors else set()) | ({_PARTNER[name]} if apart else set())


def _pointed(name: str, rng: np.random.Generator) -> str:
    return ("the", "this")[int(name == "shape" and rng.random() < 0.5)]


def _there(found: Sequence[tuple[str, Sequence[str]]], rng: np.random.Generator) -> str:
    """Phrases with boxes, as rationales say it, but that several things are not counted."""
    be = "are" if len(found[0][1]) != 1 else "is"
    opening = ("The image shows", f"There {be}")[rng.integers(2)]
    return f"{opening} {', and '.join(placed(phrase, boxes) for phrase, boxes in found)}"


def _boxes_of(phrase: str, view: Annotation) -> list[str]:
    return [_box(s, view) for s in view.seen if holds(phrase, s)]


def _short(skill: str, question: str, answer: str) -> Lesson:
    return Lesson(skill, f"{question} {INSTRUCTION}", answer)


def _listed(items: Sequence[str]) -> str:
    return "; ".join(items) or "none"


def _box(seen: Seen, view: Annotation) -> str:
    x1, y1, x2, y2 = seen.box
    wide, high = 1000 / view.width, 1000 / view.height
    return f"[{round(x1 * wide)}, {round(y1 * high)}, {round(x2 * wide)}, {round(y2 * high)}]"


def _concluded(text: str) -> str:
    return text.rpartition("answer is ")[2].rstrip(". ")


def _boxes(text: str) -> list[Box]:
    return [Box(*map(float, numbers)) for numbers in _BOX.findall(text)]
