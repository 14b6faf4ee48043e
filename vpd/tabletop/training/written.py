"""What vision-language models are asked of words alone: to compare, count and add what is written, not what is seen.

A model that was a language model before it saw brings this along; one that is trained on pictures of tables alone does
not. Every scene here is made up, and stands in the question: where things are, how many there are, what signs say.
None of it can be answered for a picture, and none of it says anything about the one it is asked with.
"""

from collections.abc import Callable, Sequence
from string import ascii_uppercase

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.plans import SIZE
from vpd.tabletop.training.pictures import ADJECTIVES, occurs
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES
from vpd.text.asking import LABEL_SUFFIX, RATIONALE_SUFFIX

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_VALUES = {"color": COLORS, "material": MATERIALS, "size": SIZES}

_SHORT = 0.2
"""Share of the answers that are a word."""

_LONGEST = 420
"""Characters of question and answer. Longer ones would slow down the attention of whole batches."""

_APART = 6
"""Pixels by which two places that are compared differ at the least; questions about pictures have as much."""

_Box = tuple[int, int, int, int]


def from_words(rng: np.random.Generator) -> tuple[str, str]:
    """A question that holds all that it asks for, and its answer: a word, or sentences as rationales have them, which
    say what is known, what follows, and the answer."""
    kinds = list(_KINDS)
    while True:
        told, asked, answer, short = kinds[rng.choice(len(kinds), p=list(_KINDS.values()))](rng)
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
    asked = (
        f"From the numbers, is the {a} more to the {side} than the {b}?",
        f"The {a} is on the {side} of the {b}, is it not?",
        f"Would the {a} be {side} of the {b}?",
    )[rng.integers(3)]
    both = _both(a, one, b, other)
    said = f"There is {both}, and the {a} is {'' if holds else 'not '}to the {side} of the {b}."
    return f"{both}.", asked, said, _yes(holds)


_DEPTHS = {
    "closer to": ("closer to the camera than", "nearer than", "in front of"),
    "farther from": ("farther from the camera than", "farther away than", "behind"),
}


def _depths(rng: np.random.Generator) -> _Asked:
    """On a table what is nearer stands lower in the picture."""
    (a, b), (one, other) = _phrases(rng, 2), _apart(rng, 3)
    word = tuple(_DEPTHS)[rng.integers(2)]
    holds = (one[3] > other[3]) == (word == "closer to")
    both = _both(a, one, b, other)
    said = f"There is {both}, and the {a} is {'' if holds else 'not '}{word} the camera than the {b}."
    if rng.random() < 0.4:
        which = ("nearer", "closer")[rng.integers(2)] if word == "closer to" else "farther away"
        return f"{both}.", f"Which of the two is {which}?", said, a if holds else b
    asked = _DEPTHS[word][rng.integers(3)]
    return f"{both}.", f"From the numbers, is the {a} {asked} the {b}?", said, _yes(holds)


def _ordered(rng: np.random.Generator) -> _Asked:
    phrases, boxes = _phrases(rng, 3), [_box(rng) for _ in range(3)]
    mark = ("leftmost", "rightmost")[rng.integers(2)]
    best = max(range(3), key=lambda index: _MARKS[mark](boxes[index]))
    places = [f"one {phrase}, at {_written(box)}" for phrase, box in zip(phrases, boxes, strict=True)]
    told = f"{places[0]}, {places[1]}, and {places[2]}"
    names = [f"the {phrase}" for phrase in phrases]
    said = f"There is {told}, and of {_listed(names)}, {names[best]} is the {mark}."
    return f"{told}.", f"Which stands most to the {mark.removesuffix('most')}?", said, phrases[best]


def _both(a: str, one: _Box, b: str, other: _Box) -> str:
    return f"one {a}, at {_written(one)}, and one {b}, at {_written(other)}"


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
    boxes = [_box(rng) for _ in range(rng.integers(2, 6))]
    mark = tuple(_MARKS)[rng.integers(len(_MARKS))]
    best = _written(max(boxes, key=_MARKS[mark]))
    written = _in_order(boxes, rng)
    asked = (f"Which is the {mark}?", f"Where is the {mark} one?", f"Look at the {mark} {phrase}.")[
        rng.integers(3)
    ]
    said = f"There are {placed(phrase, written, count=True)}, and the {mark} {phrase} {best} is there."
    return f"{placed(phrase, written)}.", asked, said, best


def _counted(rng: np.random.Generator) -> _Asked:
    [phrase] = _phrases(rng, 1)
    count = int(rng.integers(0, 8))
    boxes = _in_order([_box(rng) for _ in range(count)], rng)
    said = f"There {_be(count)} {placed(phrase, boxes, count=True)}."
    if rng.random() < 0.25:
        return f"{placed(phrase, boxes)}.", "Are there any?", said, _yes(count > 0)
    asked = (f"Count the {phrase}s.", "How many are that?", "What is their number?")[rng.integers(3)]
    return f"{placed(phrase, boxes)}.", asked, said, str(count)


def _more(rng: np.random.Generator) -> _Asked:
    a, b = _phrases(rng, 2)
    many, few = (int(n) for n in rng.integers(0, 5, 2))
    if rng.random() < 0.3:
        few = many
    boxes = [_in_order([_box(rng) for _ in range(n)], rng) for n in (many, few)]
    true = "more" if many > few else "fewer" if many < few else "as many"
    guess = true if rng.random() < 0.4 else ("more", "fewer", "as many")[rng.integers(3)]
    told = f"{placed(a, boxes[0])}, and {placed(b, boxes[1])}."
    found = f"There {_be(many)} {placed(a, boxes[0], count=True)}, and {placed(b, boxes[1], count=True)}"
    said = f"{found}, and there are {true} {a}s {_than(true)} {b}s."
    return told, f"From the numbers, {guess} {a}s {_than(guess)} {b}s?", said, _yes(true == guess)


def _than(compared: str) -> str:
    return "as" if compared == "as many" else "than"


def _sums(rng: np.random.Generator) -> _Asked:
    a, b = (int(n) for n in rng.integers(10, 100, 2))
    told, makes = f"“{a}” and “{b}”.", ("is", "makes")[rng.integers(2)]
    both = f"The first sign reads “{a}”. The second sign reads “{b}”"
    match int(rng.integers(5)):
        case 0:
            return told, "What is the sum?", f"{both}, and {a} plus {b} {makes} {a + b}.", str(a + b)
        case 1:
            high, low = max(a, b), min(a, b)
            said = f"{both}, and {high} minus {low} {makes} {high - low}."
            return told, "What is the difference?", said, str(high - low)
        case 2:
            said = f"{both}, and the larger of {a} and {b} is {max(a, b)}."
            return told, "Which is larger?", said, str(max(a, b))
        case 3:
            few, [phrase] = int(rng.integers(1, 8)), _phrases(rng, 1)
            some = f"{_NUMBERS[few]} {phrase}{'' if few == 1 else 's'}"
            said = f"The sign reads “{a}”. There {_be(few)} {some}, and {a} times {_NUMBERS[few]} {makes} {few * a}."
            return f"“{a}”, and {some}.", "What is the price of all?", said, str(few * a)
        case _:
            few, [phrase] = int(rng.integers(1, 9)), _phrases(rng, 1)
            said = (
                f"{_NUMBERS[few].capitalize()} minus one {makes} {_NUMBERS[few - 1] if few > 1 else 'zero'}."
            )
            many = f"{_NUMBERS[few]} {phrase}{'' if few == 1 else 's'}"
            return f"{many}.", "How many other ones are there than the first?", said, str(few - 1)


def _such(rng: np.random.Generator) -> _Asked:
    """Of a list, which are so, and how many."""
    name, phrase, value = _valued(rng)
    values = [
        value if rng.random() < 0.4 else str(rng.choice(_VALUES[name])) for _ in range(rng.integers(1, 6))
    ]
    values = [each if occurs(f"{each} {phrase}") else value for each in values]
    holds = [each == value for each in values]
    told = f"{_NUMBERS[len(values)]} {phrase}{'' if len(values) == 1 else 's'}: {', '.join(values)}."
    return told, f"How many are {value}?", f"{_sorted_out(phrase, holds, value, rng)}.", str(sum(holds))


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
    return f"one {b}, at {_written(mark)}, and {many}.", asked, f"{said}.", str(sum(holds))


def _described(rng: np.random.Generator) -> _Asked:
    """One thing, and what it is or reads."""
    box = _written(_box(rng))
    if rng.random() < 0.4:
        letters = "".join(rng.choice(list(ascii_uppercase), rng.integers(3, 8)))
        word = letters if rng.random() < 0.5 else str(rng.integers(10, 100))
        reads = ("the sign reads", "the text in the sign reads")[rng.integers(2)]
        told = f"one sign, at {box}, with “{word}”."
        return told, "What does it say?", f"There is one sign, at {box}, and {reads} “{word}”.", word
    name, phrase, value = _valued(rng)
    told, found = f"one {phrase}, at {box}, {value}.", f"There is one {phrase}, at {box}, and the {phrase}"
    if rng.random() < 0.5:
        guess = value if rng.random() < 0.5 else str(rng.choice(_VALUES[name]))
        guess = guess if occurs(f"{guess} {phrase}") else value
        same = guess == value
        return told, f"Is it {guess}?", f"{found} is {'' if same else 'not '}{guess}.", _yes(same)
    verb = ("is", "looks", "is made of" if name == "material" else "is")[rng.integers(3)]
    return told, f"What {name} is the {phrase}?", f"{found} {verb} {value}.", value


def _equal(rng: np.random.Generator) -> _Asked:
    (name, a, value), (_, b, _) = _valued(rng), _valued(rng)
    other = value if rng.random() < 0.5 else str(rng.choice(_VALUES[name]))
    if a == b or set(_VALUES[name]) & set(b.split()) or not occurs(f"{other} {b}"):
        return _equal(rng)
    same = value == other
    said = f"The {a} is {value}. The {b} is {other}, and the two answers are {'' if same else 'not '}equal."
    return f"the {a} is {value} and the {b} is {other}.", f"Is the {name} the same?", said, _yes(same)


_KINDS: dict[Callable[[np.random.Generator], _Asked], float] = {
    _sides: 0.14,
    _depths: 0.11,
    _ordered: 0.06,
    _picked: 0.13,
    _counted: 0.13,
    _more: 0.07,
    _sums: 0.11,
    _such: 0.06,
    _beside: 0.07,
    _described: 0.09,
    _equal: 0.03,
}
"""Each with its share: as often as rationales have need of it."""


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
