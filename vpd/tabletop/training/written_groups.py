"""Lessons on words about several things of a kind: how many, more or fewer, which of them."""

from collections.abc import Callable

import numpy as np

from vpd.tabletop.training.pictures import occurs
from vpd.tabletop.training.written_scene import (
    APART,
    NUMBERS,
    SIDES,
    VALUES,
    Box,
    Told,
    a,
    area,
    be,
    differ,
    draw_box,
    draw_boxes,
    draw_phrases,
    draw_value,
    in_order,
    looks,
    middle,
    opened,
    others,
    passing,
    pick,
    placed,
    text_of,
    written,
    yes,
)
from vpd.tabletop.vocabulary import SHAPES

_MARKS: dict[str, Callable[[Box], float]] = {
    "leftmost": lambda box: -middle(box),
    "rightmost": middle,
    "nearest": lambda box: box[3],
    "farthest": lambda box: -box[3],
    "largest": area,
    "smallest": lambda box: -area(box),
}


def counted(rng: np.random.Generator) -> Told:
    [phrase] = draw_phrases(rng, 1)
    boxes = draw_boxes(rng, int(rng.integers(0, 8)))
    told = text_of([placed(phrase, boxes)], rng, others(rng, phrase))
    said = f"There {be(len(boxes))} {placed(phrase, boxes, count=True)}."
    if rng.random() < 0.3:
        asked = pick(
            rng,
            f"Are there {phrase}s?",
            f"Does it name {a(phrase)}?",
            f"Say if there is {a(phrase)}.",
            f"Is {a(phrase)} among them?",
            f"Tell me whether there are any {phrase}s.",
        )
        return Told(told, asked, said, yes(bool(boxes)))
    asked = pick(
        rng,
        f"How many {phrase}s does it name?",
        f"Give the number of {phrase}s.",
        f"Say how many {phrase}s there are.",
        f"Count all {phrase}s.",
        f"Of {phrase}s, how many are there?",
        f"What is the number of the {phrase}s here?",
        f"Tell me the number of {phrase}s.",
    )
    return Told(told, asked, said, str(len(boxes)))


def more(rng: np.random.Generator) -> Told:
    one, other = draw_phrases(rng, 2)
    many, few = (int(n) for n in rng.integers(0, 5, 2))
    if rng.random() < 0.3:
        few = many
    boxes = draw_boxes(rng, many), draw_boxes(rng, few)
    true = "more" if many > few else "fewer" if many < few else "as many"
    guess = true if rng.random() < 0.4 else pick(rng, "more", "fewer", "as many")
    told = text_of([placed(one, boxes[0]), placed(other, boxes[1])], rng)
    both = f"{one}s {_than(guess)} {other}s"
    number = {"more": "greater than", "fewer": "less than", "as many": "equal to"}[guess]
    asked = pick(
        rng,
        f"From the numbers, {guess} {both}?",
        f"Is it so that there are {guess} {both}?",
        f"Tell me whether there are {guess} {both}.",
        f"Say if it names {guess} {both}.",
        f"Is the number of {one}s {number} that of {other}s?",
        f"Do you find {guess} {both}?",
    )
    found = f"There {be(many)} {placed(one, boxes[0], count=True)}, and {placed(other, boxes[1], count=True)}"
    said = f"{found}, and there are {true} {one}s {_than(true)} {other}s."
    return Told(told, asked, said, yes(true == guess))


def _than(compared: str) -> str:
    return "as" if compared == "as many" else "than"


def picked(rng: np.random.Generator) -> Told:
    """One of several by where it is, and what it is; or where."""
    name, phrase, value = draw_value(rng)
    boxes = [draw_box(rng) for _ in range(rng.integers(2, 6))]
    if rng.random() < 0.7:
        boxes.sort()
    mark = pick(rng, *_MARKS)
    best = max(range(len(boxes)), key=lambda index: _MARKS[mark](boxes[index]))
    places = [written(box) for box in boxes]
    found = f"There are {placed(phrase, places, count=True)}, and the {mark} {phrase} {places[best]}"
    if rng.random() < 0.25:
        asked = pick(rng, f"Which is the {mark} {phrase}?", f"Where is the {mark} {phrase}?")
        return Told(f"{placed(phrase, places)}.", asked, f"{found} is there.", places[best])
    values = _values(rng, name, phrase, len(boxes))
    values[best] = value
    told = f"{phrase}s: {', '.join(f'{place} {so}' for place, so in zip(places, values, strict=True))}."
    asked = pick(
        rng,
        f"The {mark} {phrase} has which {name}?",
        f"Find the {mark} {phrase} and say its {name}.",
        f"Give the {name} of the {mark} {phrase}.",
        f"Look at all {phrase}s. The {mark} one is of what {name}?",
        f"Among the {phrase}s, what {name} is the {mark} one?",
        f"Say what {name} the {mark} of the {phrase}s is.",
    )
    return Told(told, asked, f"{found} {looks(name, rng)} {value}.", value)


def such(rng: np.random.Generator) -> Told:
    """Of a list, which are so, and how many."""
    name, phrase, value = draw_value(rng)
    places = draw_boxes(rng, int(rng.integers(1, 6)))
    values = [value if rng.random() < 0.3 else each for each in _values(rng, name, phrase, len(places))]
    told = f"{phrase}s: {', '.join(f'{place} {so}' for place, so in zip(places, values, strict=True))}."
    asked = pick(
        rng,
        f"How many {phrase}s are {value}?",
        f"Of the {phrase}s, how many are {value}?",
        f"Give the number of {phrase}s that are {value}.",
        f"Say how many of the {phrase}s are {value}.",
    )
    so = [place for place, each in zip(places, values, strict=True) if each == value]
    return Told(told, asked, f"{opened(passing(phrase, value, so))}.", str(len(so)))


def beside(rng: np.random.Generator) -> Told:
    """Of several, those to one side of something: how many, or what one of them is."""
    [around], mark = draw_phrases(rng, 1), draw_box(rng)
    name, phrase, _ = draw_value(rng) if rng.random() < 0.3 else (pick(rng, *VALUES), "object", "")
    if phrase != "object" and not differ(phrase, around):
        return beside(rng)
    boxes: list[Box] = []
    while not boxes:
        drawn = [draw_box(rng) for _ in range(rng.integers(1, 6))]
        boxes = sorted(box for box in drawn if abs(middle(box) - middle(mark)) >= APART)
    side = pick(rng, *SIDES)
    values = _values(rng, name, phrase, len(boxes))
    passed = [
        (box, so)
        for box, so in zip(boxes, values, strict=True)
        if (middle(box) < middle(mark)) == (side == "left")
    ]
    first = placed(around, [written(mark)])
    found = passing(phrase, f"to the {side} of the {around}", [written(box) for box, _ in passed])
    said = f"There is {first}, and {found}."
    if not passed or rng.random() < 0.35:
        told = text_of([first, placed(phrase, [written(box) for box in boxes])], rng)
        asked = pick(
            rng,
            f"From the numbers, how many {phrase}s are more to the {side} than the {around}?",
            f"How many {phrase}s lie {side} of the {around}?",
            f"Say how many {phrase}s are on the {side} of the {around}.",
            f"Of the {phrase}s, how many are to the {side} of the {around}?",
            f"Give the number of {phrase}s {side} of the {around}.",
        )
        return Told(told, asked, said, str(len(passed)))
    things = ", ".join(f"{written(box)} {so}" for box, so in zip(boxes, values, strict=True))
    told = text_of([first, f"{phrase}s: {things}"], rng)
    rank, asked = _ranked(rng, side, name, phrase, around)
    box, value = max(passed, key=lambda each: _MARKS[rank](each[0]))
    where = f"the {phrase} {written(box)}"
    if len(passed) > 1:
        said += f" Of these, the {rank} is {where}, and {where} {looks(name, rng)} {value}."
    else:
        said += f" {opened(where)} {looks(name, rng)} {value}."
    return Told(told, asked, said, value)


def _ranked(rng: np.random.Generator, side: str, name: str, phrase: str, around: str) -> tuple[str, str]:
    """By which mark one of those to a side is picked, and a question for what it is."""
    if rng.random() < 0.5:
        asked = pick(
            rng,
            f"Going {side} from the {around}, of what {name} is the first {phrase}?",
            f"The first {phrase} on the {side} of the {around}: what {name} is it?",
            f"Say what {name} the first {phrase} {side} of the {around} has.",
            f"Find the first {phrase} to the {side} of the {around} and give its {name}.",
        )
        # The next one to a side is the last one from the other.
        return {"left": "rightmost", "right": "leftmost"}[side], asked
    mark = "farthest" if rng.random() < 0.3 else "nearest"
    one = pick(rng, "nearest one", "one nearest to the camera") if mark == "nearest" else "farthest one"
    asked = pick(
        rng,
        f"Take the {phrase}s {side} of the {around}. The {one} is of which {name}?",
        f"Of the {phrase}s that are to the {side} of the {around}, what {name} is the {one}?",
        f"Look at what is {side} of the {around}. Say the {name} of the {one}.",
        f"To the {side} of the {around}, which {name} has the {one}?",
    )
    return mark, asked


def alike(rng: np.random.Generator) -> Told:
    """How many others are as one of them is."""
    name = pick(rng, *VALUES, "shape")
    [phrase] = draw_phrases(rng, 1, name)
    if name == "shape":
        phrase = " ".join(["object" if word in SHAPES else word for word in phrase.split()])
    value = str(rng.choice(VALUES.get(name, SHAPES)))
    kind = value if name == "shape" else f"{value} object"
    if not occurs(f"{phrase.removesuffix(' object')} {value}" if name == "shape" else f"{value} {phrase}"):
        return alike(rng)
    mark, others_like = draw_box(rng), int(rng.integers(0, 5))
    boxes = in_order([mark, *(draw_box(rng) for _ in range(others_like))], rng)
    first = placed(phrase, [written(mark)])
    is_so = f"is {a(value)}" if name == "shape" else f"is {value}"
    shown = f"is made of {value}" if name == "material" else is_so
    asked = pick(
        rng,
        f"How many further objects share the {name} of the {phrase}?",
        f"Besides the {phrase}, how many objects have its {name}?",
        f"Say how many objects other than the {phrase} have the same {name}.",
        f"The {phrase} left out, how many are of the same {name}?",
        f"Count the objects with the {name} of the {phrase}, but not the {phrase}.",
    )
    count = len(boxes)
    fewer = NUMBERS[count - 1] if count > 1 else "zero"
    said = (
        f"There is {first}, and the {phrase} {shown}. There {be(count)} {placed(kind, boxes, count=True)}, and "
        f"{NUMBERS[count]} minus one {pick(rng, 'is', 'makes')} {fewer}."
    )
    told = text_of([f"the {phrase}, at {written(mark)}, {is_so}", placed(kind, boxes)], rng)
    return Told(told, asked, said, str(others_like))


def _values(rng: np.random.Generator, name: str, phrase: str, count: int) -> list[str]:
    """Of things that a phrase names, each its own."""
    can_be = [value for value in VALUES[name] if occurs(f"{value} {phrase}")]
    return [pick(rng, *can_be) for _ in range(count)]
