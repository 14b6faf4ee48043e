"""Lessons on words about signs: what they say, which of them, and what their numbers make."""

import numpy as np

from vpd.tabletop.training.written_scene import (
    NUMBERS,
    Box,
    Told,
    be,
    draw_box,
    draw_boxes,
    draw_phrases,
    draw_word,
    in_order,
    middle,
    opened,
    others,
    pick,
    placed,
    text_of,
    written,
    yes,
)


def read(rng: np.random.Generator) -> Told:
    """One sign, and what it says."""
    word, place = _text(rng), placed("sign", [written(draw_box(rng))])
    asked = pick(
        rng,
        "What does it say?",
        "Give the text of the sign.",
        "Say what is on the sign.",
        "Tell me what you read on the sign.",
        "What is the sign's word?",
    )
    told = text_of([f"{place}, with “{word}”"], rng, others(rng))
    return Told(told, asked, f"There is {place}, and {_reads('sign', word, rng)}.", word)


def shown(rng: np.random.Generator) -> Told:
    """Whether a word is on one of the signs."""
    words = [draw_word(rng) for _ in range(rng.integers(1, 3))]
    word = pick(rng, *words) if rng.random() < 0.5 else draw_word(rng)
    places = draw_boxes(rng, len(words))
    told = text_of(
        [f"one sign, at {box}, with “{each}”" for box, each in zip(places, words, strict=True)], rng
    )
    asked = pick(
        rng,
        f"Does any sign have {word} on it?",
        f"Say if a sign reads {word}.",
        f"Is {word} on one of the signs?",
        f"Tell me whether the word {word} is on a sign.",
        f"Do you find {word} on a sign?",
    )
    said = (
        f"One line of text contains “{word}”: “{word}”."
        if word in words
        else f"No line of text contains “{word}”."
    )
    return Told(told, asked, said, yes(word in words))


def sums(rng: np.random.Generator) -> Told:
    one, other = (int(n) for n in rng.choice(np.arange(10, 100), 2, replace=False))
    boxes, makes = draw_boxes(rng, 2), pick(rng, "is", "makes")
    told = text_of(
        [f"one sign, at {box}, with “{n}”" for box, n in zip(boxes, (one, other), strict=True)], rng
    )
    found = f"There are {placed('sign', boxes, count=True)}, and {_reads(f'sign {boxes[0]}', str(one), rng)}"
    both = f"{found}. {opened(_reads(f'sign {boxes[1]}', str(other), rng))}"
    high, low = max(one, other), min(one, other)
    match int(rng.integers(3)):
        case 0:
            asked = pick(
                rng,
                "What do the numbers make together?",
                "Say what the two numbers sum to.",
                "Give the sum of both numbers.",
                "Add up what is on the signs.",
                "What is the sum of what the signs say?",
            )
            return Told(
                told, asked, f"{both}, and {one} plus {other} {makes} {one + other}.", str(one + other)
            )
        case 1:
            asked = pick(
                rng,
                "By how much do the two numbers differ?",
                "Give the difference of the numbers.",
                "How much more is the larger one?",
                "Say what the difference between both numbers is.",
                "Subtract the smaller number from the other.",
            )
            return Told(told, asked, f"{both}, and {high} minus {low} {makes} {high - low}.", str(high - low))
        case _:
            asked = pick(
                rng,
                "Which number is the larger one?",
                "Give the larger number.",
                "Say which of both numbers is larger.",
                "Of the two numbers, what is the larger?",
            )
            larger = f", and the larger of {one} and {other} is {high}" if rng.random() < 0.5 else ""
            return Told(told, asked, f"{both}{larger}.", str(high))


def priced(rng: np.random.Generator) -> Told:
    """One sign gives the price of one, and there are some."""
    price, [phrase] = int(rng.integers(10, 100)), draw_phrases(rng, 1)
    place, some = placed("sign", [written(draw_box(rng))]), draw_boxes(rng, int(rng.integers(1, 5)))
    total = price * len(some)
    asked = pick(
        rng,
        f"Each {phrase} costs what is on the sign. Give the price of all {phrase}s.",
        f"The number on the sign is what one {phrase} costs. How much for all of them?",
        f"If every {phrase} has the sign's price, what is the price of all?",
        f"At the price on the sign, what do the {phrase}s cost together?",
    )
    told = text_of([f"{place}, with “{price}”", placed(phrase, some)], rng)
    found = f"There {be(len(some))} {placed(phrase, some, count=True)}"
    makes = f"{price} times {NUMBERS[len(some)]} {pick(rng, 'is', 'makes')} {total}"
    said = f"There is {place}, and {_reads('sign', str(price), rng)}. {found}, and {makes}."
    return Told(told, asked, said, str(total))


def sign_near(rng: np.random.Generator) -> Told:
    """The sign that is nearest to something."""
    [phrase], mark = draw_phrases(rng, 1), draw_box(rng)
    boxes = [draw_box(rng) for _ in range(2)]
    far = [_gap(mark, box) for box in boxes]
    if max(far) < 1.5 * min(far):
        return sign_near(rng)
    texts = {written(box): _text(rng) for box in boxes}
    first, places = placed(phrase, [written(mark)]), in_order(boxes, rng)
    nearest = written(min(boxes, key=lambda box: _gap(mark, box)))
    asked = pick(
        rng,
        f"The sign nearest to the {phrase} says what?",
        f"Which text has the sign that is next to the {phrase}?",
        f"Find the sign nearest to the {phrase} and say its text.",
        f"Give the text of the sign closest to the {phrase}.",
    )
    near = f"nearest sign to the {phrase} {nearest}"
    told = text_of([first, *(f"one sign, at {box}, with “{text}”" for box, text in texts.items())], rng)
    said = f"There is {first}, and {placed('sign', places, count=True)}, and {_reads(near, texts[nearest], rng)}."
    return Told(told, asked, said, texts[nearest])


def _reads(sign: str, text: str, rng: np.random.Generator) -> str:
    return pick(rng, f"the {sign} reads “{text}”", f"the text in the {sign} reads “{text}”")


def _text(rng: np.random.Generator) -> str:
    return draw_word(rng) if rng.random() < 0.5 else str(rng.integers(10, 100))


def _gap(one: Box, other: Box) -> float:
    """Between the middles."""
    down = (one[1] + one[3] - other[1] - other[3]) / 2
    return float(np.hypot(middle(one) - middle(other), down))
