"""One thing in a rationale changed, so that it says something else."""

import random
import re
from collections.abc import Callable, Sequence
from typing import Literal, get_args

from vision_tools.phrases import singular
from vision_tools.words import KINDS
from vpd.distillation.facts.words import NUMBER_WORDS, ORDINAL_WORDS, plural
from vpd.tabletop.vocabulary import SHAPES

Kind = Literal["number", "ordinal", "colour", "name", "side", "negation", "box", "answer"]
KINDS_OF_CHANGE: tuple[Kind, ...] = get_args(Kind)

COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "gray", "black", "white", "brown")
NOUNS = (
    *SHAPES, "sign", "box", "square", "circle", "triangle", "block", "tower", "cat", "dog", "car", "person", "bed",
    "bowl", "cup", "chair", "clock", "horse", "bus", "umbrella", "keyboard", "banana", "donut", "bench", "fork",
)  # fmt: skip
_OPPOSITES = {
    "left": "right", "above": "below", "leftmost": "rightmost", "topmost": "lowest", "closer": "farther",
    "nearest": "farthest", "taller": "shorter", "tallest": "shortest", "higher": "lower", "top": "bottom",
    "larger": "smaller", "largest": "smallest", "wider": "narrower", "more": "fewer",
}  # fmt: skip
_SIDES = _OPPOSITES | {b: a for a, b in _OPPOSITES.items()} | {"less": "more"}
_QUOTED = re.compile(r"“[^”]*”|\[[^\]]*\]")


def corrupted(text: str, kind: Kind, answers: Sequence[str], rng: random.Random) -> str | None:
    """The text with one change of a kind; None where there is nothing to change."""
    change = _CHANGES[kind]
    return change(text, answers, rng)


def _replace(text: str, pattern: str, other: Callable[[str], str | None], rng: random.Random) -> str | None:
    """One match of a pattern outside of quotations, boxes and the final answer, by what takes its place."""
    closed = [match.span() for match in _QUOTED.finditer(text)]
    end = text.rfind("answer is")
    places = [
        match
        for match in re.finditer(pattern, text if end < 0 else text[:end], re.IGNORECASE)
        if not any(a <= match.start() < b for a, b in closed)
    ]
    rng.shuffle(places)
    for match in places:
        new = other(match[0])
        if new is not None:
            new = new[:1].upper() + new[1:] if match[0][:1].isupper() else new
            return text[: match.start()] + new + text[match.end() :]
    return None


def _number(text: str, _: Sequence[str], rng: random.Random) -> str | None:
    def other(word: str) -> str:
        value = NUMBER_WORDS.get(word.lower())
        if value is None:
            return str(int(word) + rng.choice((-3, -2, -1, 1, 2, 3)))
        return rng.choice(
            [w for w, n in NUMBER_WORDS.items() if n != value and abs(n - value) <= 3 and n > 0]
        )

    return _replace(text, rf"\b(?:{'|'.join(NUMBER_WORDS)}|\d+(?![\d.]*(?:st|nd|rd|th)))\b", other, rng)


def _ordinal(text: str, _: Sequence[str], rng: random.Random) -> str | None:
    def other(word: str) -> str:
        place = ORDINAL_WORDS[word.lower()]
        return rng.choice([w for w, n in ORDINAL_WORDS.items() if n != place and abs(n - place) <= 2])

    return _replace(text, rf"\b(?:{'|'.join(ORDINAL_WORDS)})\b", other, rng)


def _colour(text: str, _: Sequence[str], rng: random.Random) -> str | None:
    def other(word: str) -> str:
        return rng.choice([color for color in COLORS if color != word.lower()])

    return _replace(text, rf"\b(?:{'|'.join(COLORS)})\b", other, rng)


def _name(text: str, _: Sequence[str], rng: random.Random) -> str | None:
    said = {singular(word) for word in re.findall(r"[a-z]+", text.lower())} & set(NOUNS)
    near = {noun for names in KINDS.values() for noun in names if set(names) & said}

    def other(word: str) -> str:
        one = singular(word.lower())
        # A mix-up with another thing that is spoken of is the likeliest mistake.
        pool = [n for n in (*said, *said, *NOUNS) if n != one and n not in near - said]
        new = rng.choice(pool)
        return new if one == word.lower() else plural(new)

    nouns = "|".join(sorted({form for noun in NOUNS for form in (noun, plural(noun))}, key=len, reverse=True))
    return _replace(text, rf"\b(?:{nouns})\b", other, rng)


def _side(text: str, _: Sequence[str], rng: random.Random) -> str | None:
    changed = _replace(text, rf"\b(?:{'|'.join(_SIDES)})\b", lambda word: _SIDES[word.lower()], rng)
    return changed and changed.replace("closer from the", "closer to the").replace(
        "farther to the", "farther from the"
    )


def _negation(text: str, _: Sequence[str], rng: random.Random) -> str | None:
    def other(words: str) -> str:
        return words[:-4] if words.endswith(" not") else f"{words} not"

    return _replace(text, r"\b(?:is|are)(?: not)?\b", other, rng)


def _box(text: str, _: Sequence[str], rng: random.Random) -> str | None:
    boxes = list(re.finditer(r"\[(\d+), (\d+), (\d+), (\d+)\]", text))
    if not boxes:
        return None
    box = rng.choice(boxes)
    edges = [int(edge) for edge in box.groups()]
    edges[rng.randrange(4)] += rng.choice((-40, -10, -5, 5, 10, 40))
    return f"{text[: box.start()]}[{', '.join(map(str, edges))}]{text[box.end() :]}"


def _answer(text: str, answers: Sequence[str], rng: random.Random) -> str | None:
    place = text.rfind("answer is ")
    said = text[place + len("answer is ") :].rstrip(".")
    others = [answer for answer in answers if answer.lower() != said.lower()]
    return f"{text[:place]}answer is {rng.choice(others)}." if place >= 0 and others else None


_CHANGES: dict[Kind, Callable[[str, Sequence[str], random.Random], str | None]] = {
    "number": _number, "ordinal": _ordinal, "colour": _colour, "name": _name, "side": _side, "negation": _negation,
    "box": _box, "answer": _answer,
}  # fmt: skip
