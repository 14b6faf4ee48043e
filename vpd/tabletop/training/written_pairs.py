"""Lessons on words about one thing, two or three: which side, how far, what they are."""

import numpy as np

from vpd.tabletop.training.pictures import occurs
from vpd.tabletop.training.written_scene import (
    APART,
    SIDES,
    VALUES,
    Box,
    Told,
    differ,
    draw_box,
    draw_phrases,
    draw_value,
    looks,
    middle,
    other_value,
    others,
    pick,
    placed,
    text_of,
    written,
    yes,
)


def sides(rng: np.random.Generator) -> Told:
    (a, b), (one, other) = draw_phrases(rng, 2), _apart(rng)
    side = pick(rng, *SIDES)
    holds = (middle(one) < middle(other)) == (side == "left")
    asked = pick(
        rng,
        f"From the numbers, is the {a} more to the {side} than the {b}?",
        f"The {a} is on the {side} of the {b}, is it not?",
        f"Would the {a} be {side} of the {b}?",
        f"Tell me whether the {a} lies to the {side} of the {b}.",
        f"Say if the {a} is {side} of the {b}.",
        f"Is it so that the {a} is to the {side} of the {b}?",
        f"Do you find the {a} on the {side} of the {b}?",
    )
    said = f"There is {_both(a, one, b, other)}, and the {a} is {_not(holds)}to the {side} of the {b}."
    return Told(_told(rng, a, one, b, other), asked, said, yes(holds))


_DEPTHS = {
    "closer to": ("closer to the camera than", "nearer than", "in front of"),
    "farther from": ("farther from the camera than", "farther away than", "behind"),
}


def depths(rng: np.random.Generator) -> Told:
    """On a table what is nearer stands lower in the picture."""
    (a, b), (one, other) = draw_phrases(rng, 2), _apart(rng, 3)
    word = pick(rng, *_DEPTHS)
    holds = (one[3] > other[3]) == (word == "closer to")
    said = f"There is {_both(a, one, b, other)}, and the {a} is {_not(holds)}{word} the camera than the {b}."
    told = _told(rng, a, one, b, other)
    if rng.random() < 0.5:
        which = pick(rng, "nearer", "closer") if word == "closer to" else "farther away"
        asked = pick(
            rng,
            f"Which of the two is {which}, the {a} or the {b}?",
            f"The {a} or the {b}: which of them is {which}?",
            f"Of these two, what is {which}: the {a} or the {b}?",
            f"Say which is {which}, the {a} or the {b}.",
            f"What stands {which}, the {a} or the {b}?",
        )
        return Told(told, asked, said, a if holds else b)
    than = pick(rng, *_DEPTHS[word])
    asked = pick(
        rng,
        f"From the numbers, is the {a} {than} the {b}?",
        f"Tell me whether the {a} is {than} the {b}.",
        f"Say if the {a} is {than} the {b}.",
        f"Is it so that the {a} stands {than} the {b}?",
        f"Do you find the {a} {than} the {b}?",
    )
    return Told(told, asked, said, yes(holds))


def ordered(rng: np.random.Generator) -> Told:
    phrases, boxes = draw_phrases(rng, 3), [draw_box(rng) for _ in range(3)]
    side = pick(rng, *SIDES)
    best = (min if side == "left" else max)(range(3), key=lambda index: middle(boxes[index]))
    items = [placed(phrase, [written(box)]) for phrase, box in zip(phrases, boxes, strict=True)]
    a, b, c = phrases
    asked = pick(
        rng,
        f"Which is the {side}most: the {a}, the {b} or the {c}?",
        f"Name what is most to the {side}: the {a}, the {b} or the {c}.",
        f"The {a}, the {b} and the {c}: which of them is farthest to the {side}?",
        f"Of the three, what lies farthest {side}: the {a}, the {b} or the {c}?",
        f"Say which one is farthest to the {side}, the {a}, the {b} or the {c}.",
    )
    said = f"There is {items[0]}, {items[1]}, and {items[2]}, and of these, the {side}most is the {phrases[best]}."
    return Told(text_of(items, rng), asked, said, phrases[best])


def described(rng: np.random.Generator) -> Told:
    """One thing among others, and what it is."""
    name, phrase, value = draw_value(rng)
    place = placed(phrase, [written(draw_box(rng))])
    told = text_of([f"{place}, {value}"], rng, others(rng, phrase))
    found = f"There is {place}, and the {phrase}"
    if rng.random() < 0.5:
        guess = other_value(rng, name, phrase, value)
        is_so = pick(rng, "is", "is made of") if name == "material" else "is"
        asked = pick(
            rng,
            f"Is the {phrase} {guess}?",
            f"Say if the {phrase} {is_so} {guess}.",
            f"Tell me whether the {phrase} {is_so} {guess}.",
            f"Is it so that the {phrase} {is_so} {guess}?",
            f"The {phrase} {is_so} {guess}, is it not?",
        )
        # Programs ask what it is, or whether it is so.
        shown = f"is {value}" if rng.random() < 0.4 else f"is {_not(guess == value)}{guess}"
        return Told(told, asked, f"{found} {shown}.", yes(guess == value))
    asked = [
        f"What {name} is the {phrase}?",
        f"Say what {name} the {phrase} has.",
        f"Give the {name} of the {phrase}.",
        f"The {phrase} has which {name}?",
        f"Tell me which {name} the {phrase} is.",
        f"Look at the {phrase}. Of what {name} is it?",
    ]
    if name == "material":
        asked += [f"From what is the {phrase} made?", f"Say what the {phrase} is made of."]
    return Told(told, pick(rng, *asked), f"{found} {looks(name, rng)} {value}.", value)


def equal(rng: np.random.Generator) -> Told:
    while True:
        (name, a, value), [b] = draw_value(rng), draw_phrases(rng, 1)
        other = other_value(rng, name, b, value)
        if differ(a, b) and not set(VALUES[name]) & set(b.split()) and occurs(f"{other} {b}"):
            break
    one, two = placed(a, [written(draw_box(rng))]), placed(b, [written(draw_box(rng))])
    same = value == other
    asked = pick(
        rng,
        f"Do the {a} and the {b} agree in {name}?",
        f"Say if the {a} and the {b} share their {name}.",
        f"Is the {name} of the {a} also that of the {b}?",
        f"Are the {a} and the {b} alike in {name}?",
        f"Tell me whether the {a} and the {b} have the same {name}.",
        f"The {a} and the {b}: is their {name} the same?",
    )
    made = "is made of" if name == "material" else "is"
    so = pick(rng, "are equal" if same else "differ", "are equal" if same else "are not equal")
    said = f"There is {one}, and {two}, and the {a} {made} {value}. The {b} {made} {other}, and the two answers {so}."
    return Told(text_of([f"{one}, {value}", f"{two}, {other}"], rng), asked, said, yes(same))


def _told(rng: np.random.Generator, a: str, one: Box, b: str, other: Box) -> str:
    items = [placed(a, [written(one)]), placed(b, [written(other)])]
    return text_of(items, rng, others(rng, a, b))


def _both(a: str, one: Box, b: str, other: Box) -> str:
    return f"{placed(a, [written(one)])}, and {placed(b, [written(other)])}"


def _not(holds: bool) -> str:
    return "" if holds else "not "


def _apart(rng: np.random.Generator, edge: int | None = None) -> tuple[Box, Box]:
    """Two, of which the middles lie apart from left to right; or one edge."""
    while True:
        one, other = draw_box(rng), draw_box(rng)
        gap = middle(one) - middle(other) if edge is None else one[edge] - other[edge]
        if abs(gap) >= APART:
            return one, other
