"""What vision-language models are asked of words alone: to compare, count and add what is written, not what is seen.

A model that was a language model before it saw brings this along; one that is trained on pictures of tables alone does
not. Every scene here is made up, and stands in the question: where things are, how many there are, what signs say.
None of it can be answered for a picture, and none of it says anything about the one it is asked with.
"""

from collections.abc import Callable, Sequence

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.plans import SIZE
from vpd.tabletop.training.pictures import ADJECTIVES, occurs
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES, WORDS
from vpd.text.asking import LABEL_SUFFIX, RATIONALE_SUFFIX

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_VALUES = {"color": COLORS, "material": MATERIALS, "size": SIZES}

_SHARES = (0.17, 0.08, 0.17, 0.17, 0.09, 0.08, 0.08, 0.08, 0.08)
"""Of the kinds below, as often as rationales have need of them."""

_SHORT = 0.3
"""Share of the answers that are a word."""

_LONGEST = 360
"""Characters of question and answer. Longer ones would slow down the attention of whole batches."""

_APART = 6
"""Pixels by which two places that are compared differ at the least; questions about pictures have as much."""

_Box = tuple[int, int, int, int]


def from_words(rng: np.random.Generator) -> tuple[str, str]:
    """A question that holds all that it asks for, and its answer: a word, or sentences as rationales have them."""
    kinds = (_sides, _depths, _picked, _counted, _more, _sums, _such, _beside, _repeated)
    while True:
        told, asked, answer, short = kinds[rng.choice(len(kinds), p=_SHARES)](rng)
        question = f"The text says: {told} {asked}"
        if rng.random() < _SHORT:
            question, answer = f"{question} {LABEL_SUFFIX}", short
        else:
            question = f"{question} {RATIONALE_SUFFIX}"
            # A place is not what a question asks for in the end.
            answer += "" if short.startswith("[") else f" {conclusion(short, rng)}"
        if len(question) + len(answer) <= _LONGEST:
            return question, answer


def conclusion(answer: str, rng: np.random.Generator) -> str:
    return f"{('So the', 'Therefore, the', 'The')[rng.integers(3)]} answer is {answer}."


def placed(phrase: str, boxes: Sequence[str], count: bool = False) -> str:
    """`one cube, at [...]`; of several, as rationales say it, `cubes, at [...] and [...], two cubes in all`."""
    if len(boxes) < 2:
        return f"one {phrase}, at {boxes[0]}" if boxes else f"no {phrase}s"
    return f"{phrase}s, at {_listed(boxes)}" + (f", {_NUMBERS[len(boxes)]} {phrase}s in all" if count else "")


_Asked = tuple[str, str, str, str]
"""What is told and asked; the answer in a sentence or two, and in a word."""


def _sides(rng: np.random.Generator) -> _Asked:
    (a, b), (one, other) = _phrases(rng, 2), _apart(rng)
    side = ("left", "right")[rng.integers(2)]
    holds = (_middle(one) < _middle(other)) == (side == "left")
    said = f"The {a} is {'' if holds else 'not '}to the {side} of the {b}."
    return _both(a, one, b, other), f"From the numbers, is the {a} more to the {side}?", said, _yes(holds)


def _depths(rng: np.random.Generator) -> _Asked:
    """On a table what is nearer stands lower in the picture."""
    (a, b), (one, other) = _phrases(rng, 2), _apart(rng, 3)
    word = ("closer to", "farther from")[rng.integers(2)]
    holds = (one[3] > other[3]) == (word == "closer to")
    said = f"The {a} is {'' if holds else 'not '}{word} the camera than the {b}."
    return _both(a, one, b, other), f"From the numbers, is the {a} {word} the camera?", said, _yes(holds)


def _both(a: str, one: _Box, b: str, other: _Box) -> str:
    return f"There is one {a}, at {_written(one)}, and one {b}, at {_written(other)}."


def _middle(box: _Box) -> float:
    return (box[0] + box[2]) / 2


def _area(box: _Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


_MARKS: dict[str, Callable[[_Box], float]] = {
    "leftmost": lambda box: -_middle(box),
    "rightmost": _middle,
    "nearest": lambda box: box[3],
    "farthest": lambda box: -box[3],
    "largest": _area,
    "smallest": lambda box: -_area(box),
}


def _picked(rng: np.random.Generator) -> _Asked:
    [phrase] = _phrases(rng, 1)
    boxes = [_box(rng) for _ in range(rng.integers(2, 7))]
    mark = tuple(_MARKS)[rng.integers(len(_MARKS))]
    best = _written(max(boxes, key=_MARKS[mark]))
    told = f"There are {placed(phrase, _in_order(boxes, rng), count=True)}."
    return told, f"Which is the {mark}?", f"The {mark} {phrase} {best}.", best


def _counted(rng: np.random.Generator) -> _Asked:
    """Once more, with their number."""
    [phrase] = _phrases(rng, 1)
    count = int(rng.integers(0, 8))
    boxes = _in_order([_box(rng) for _ in range(count)], rng)
    told = f"There {_be(count)} {placed(phrase, boxes)}."
    return (
        told,
        f"Count the {phrase}s.",
        f"There {_be(count)} {placed(phrase, boxes, count=True)}.",
        str(count),
    )


def _more(rng: np.random.Generator) -> _Asked:
    a, b = _phrases(rng, 2)
    many, few = (int(n) for n in rng.integers(0, 5, 2))
    if rng.random() < 0.3:
        few = many
    boxes = [_in_order([_box(rng) for _ in range(n)], rng) for n in (many, few)]
    told = f"There {_be(many)} {placed(a, boxes[0], count=True)}, and {placed(b, boxes[1], count=True)}."
    true = "more" if many > few else "fewer" if many < few else "as many"
    guess = true if rng.random() < 0.4 else ("more", "fewer", "as many")[rng.integers(3)]
    asked = f"From the numbers, are there {guess} {_than(guess)} the other?"
    return told, asked, f"There are {true} {a}s {_than(true)} {b}s.", _yes(true == guess)


def _than(compared: str) -> str:
    return "as" if compared == "as many" else "than"


def _sums(rng: np.random.Generator) -> _Asked:
    a, b = (int(n) for n in rng.integers(10, 100, 2))
    told = f"“{a}” and “{b}”."
    makes = ("is", "makes")[rng.integers(2)]
    match int(rng.integers(4)):
        case 0:
            return told, "What is the sum?", f"{a} plus {b} {makes} {a + b}.", str(a + b)
        case 1:
            high, low = max(a, b), min(a, b)
            return (
                told,
                "What is the difference?",
                f"{high} minus {low} {makes} {high - low}.",
                str(high - low),
            )
        case 2:
            return told, "Which is larger?", f"The larger of {a} and {b} is {max(a, b)}.", str(max(a, b))
        case _:
            few = int(rng.integers(0, 7))
            return (
                f"“{a}”.",
                f"How much is {few} times that?",
                f"{few} times {a} {makes} {few * a}.",
                str(few * a),
            )


def _such(rng: np.random.Generator) -> _Asked:
    """Of a list, how many are so."""
    _, phrase, value = _valued(rng)
    holds = (rng.random(rng.integers(1, 7)) < rng.choice([0.2, 0.5, 0.8])).tolist()
    many = sum(holds)
    plural = "" if many == 1 else "s"
    said = f"There {_be(many)} {_NUMBERS[many]} {value} {phrase}{plural}."
    return f"{_sorted_out(phrase, holds, value, rng)}.", f"How many are {value}?", said, str(many)


def _beside(rng: np.random.Generator) -> _Asked:
    """Of a list, which are to one side of something."""
    (a, b), mark = _phrases(rng, 2), _box(rng)
    boxes: list[_Box] = []
    while not boxes:
        drawn = [_box(rng) for _ in range(rng.integers(1, 6))]
        boxes = sorted(box for box in drawn if abs(_middle(box) - _middle(mark)) >= _APART)
    side = ("left", "right")[rng.integers(2)]
    holds = [(_middle(box) < _middle(mark)) == (side == "left") for box in boxes]
    many = placed(a, [_written(box) for box in boxes], count=True)
    said = _sorted_out(a, holds, f"to the {side} of the {b}", rng)
    asked = f"From the numbers, how many {a}s are more to the {side}?"
    return f"There is one {b}, at {_written(mark)}, and {many}.", asked, f"{said}.", str(sum(holds))


def _repeated(rng: np.random.Generator) -> _Asked:
    """What has just been said, once more."""
    if rng.random() < 0.4:
        word = str(rng.choice(WORDS)) if rng.random() < 0.5 else str(rng.integers(10, 100))
        return f"“{word}”.", "What does it say?", f"The sign reads “{word}”.", word
    name, phrase, value = _valued(rng)
    made = "made of " if name == "material" and rng.random() < 0.5 else ""
    return (
        f"its {name} is {value}.",
        f"What {name} is the {phrase}?",
        f"The {phrase} is {made}{value}.",
        value,
    )


def _sorted_out(phrase: str, holds: Sequence[bool], words: str, rng: np.random.Generator) -> str:
    """`The first cube and the third cube are red, but the second cube is not red`."""
    names = [f"the {_ORDINALS[index]} {phrase}" for index in range(len(holds))]
    yes = [name for name, so in zip(names, holds, strict=True) if so]
    no = [name for name, so in zip(names, holds, strict=True) if not so]
    if len(holds) == 1:
        text = f"the {phrase} is {'' if yes else 'not '}{words}"
    elif not no:
        text = f"{'both' if len(yes) == 2 else f'all {_NUMBERS[len(yes)]}'} {phrase}s are {words}"
    elif not yes:
        none_of = f"neither {phrase}" if len(no) == 2 else f"none of the {_NUMBERS[len(no)]} {phrase}s"
        text = f"{none_of} is {words}"
    else:
        but = ("but", "while")[rng.integers(2)]
        text = f"{_listed(yes)} {_be(len(yes))} {words}, {but} {_listed(no)} {_be(len(no))} not {words}"
    return text[0].upper() + text[1:]


def _valued(rng: np.random.Generator) -> tuple[str, str, str]:
    """An attribute, a phrase that does not name it, and a value."""
    while True:
        name = tuple(_VALUES)[rng.integers(len(_VALUES))]
        [phrase] = _phrases(rng, 1, name)
        value = str(rng.choice(_VALUES[name]))
        if occurs(f"{value} {phrase}"):
            return name, phrase, value


def _phrases(rng: np.random.Generator, count: int, hidden: str = "") -> list[str]:
    """Different ones, each with some attributes, of which one may be hidden."""
    chosen: list[str] = []
    while len(chosen) < count:
        names = [name for name in ADJECTIVES if name != hidden and rng.random() < 0.4]
        shape = SHAPES[rng.integers(len(SHAPES))] if rng.random() < 0.8 else None
        phrase = Kind(shape, **{name: rng.choice(_VALUES[name]) for name in names}).phrase
        if occurs(phrase) and phrase not in chosen:
            chosen.append(phrase)
    return chosen


def _box(rng: np.random.Generator) -> _Box:
    """In pixels of a small scene."""
    wide, high = (int(side) for side in rng.integers(8, 48, 2))
    x, y = int(rng.integers(0, SIZE - wide)), int(rng.integers(0, SIZE - high))
    return x, y, x + wide, y + high


def _apart(rng: np.random.Generator, edge: int | None = None) -> tuple[_Box, _Box]:
    """Two, of which the middles lie apart from left to right; or one edge."""
    while True:
        one, other = _box(rng), _box(rng)
        gap = _middle(one) - _middle(other) if edge is None else one[edge] - other[edge]
        if abs(gap) >= _APART:
            return one, other


def _written(box: _Box) -> str:
    return f"[{', '.join(str(round(1000 * edge / SIZE)) for edge in box)}]"


def _in_order(boxes: Sequence[_Box], rng: np.random.Generator) -> list[str]:
    """Mostly from left to right, as detectors give them."""
    return [_written(box) for box in (sorted(boxes) if rng.random() < 0.7 else boxes)]


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _listed(items: Sequence[str]) -> str:
    return " and ".join((", ".join(items[:-1]), items[-1]) if len(items) > 1 else items)
