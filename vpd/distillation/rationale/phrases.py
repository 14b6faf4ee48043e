"""How facts are put: predicates, comparisons and directions, positive and negative, singular and plural."""

import re
from typing import NamedTuple

from vision_tools.words import ADJECTIVE, KINDS, SORT_OF_ADJECTIVE, SYNONYM
from vpd.distillation.facts.models import Direction, Operator, Related, Thing
from vpd.distillation.facts.words import article, plural, singular

_ADJECTIVES = frozenset(SORT_OF_ADJECTIVE) | frozenset(ADJECTIVE) | frozenset({
    "open", "closed", "empty", "full", "wet", "dry", "round", "square", "rectangular", "striped", "plain",
    "old", "young", "tall", "short", "long", "wide", "narrow", "thick", "thin", "bright", "dark", "light",
    "clean", "dirty", "broken", "whole", "ripe", "raw", "cooked", "male", "female", "happy", "sad", "asleep",
    "awake", "visible", "hidden", "horizontal", "vertical", "upright", "flat", "curved", "straight", "soft",
    "hard", "new", "busy", "alone", "indoors", "outdoors", "on", "off",
})  # fmt: skip
_NOUNS = (
    frozenset(KINDS)
    | frozenset(SYNONYM)
    | frozenset(SYNONYM.values())
    | frozenset[str]().union(*KINDS.values())
)
_LEADS_IN = re.compile(
    r"(?:a|an|the|in|on|at|under|near|next|behind|beside|above|below|between|inside|over|with|without|not|very|made|"
    r"to|of|from|like|\w{3,}ing|\w{3,}ed|\w{3,}en)\b",
    re.IGNORECASE,
)
_VERB = re.compile(r"(?:has|have|is|are|wears|holds|contains|shows|touches|looks)\b", re.IGNORECASE)


_CONTAINERS = frozenset({
    "box", "bowl", "image", "frame", "part", "area", "region", "basket", "plate", "table", "shelf", "room",
    "bag", "cup", "tray", "drawer", "fridge", "refrigerator", "picture", "glass", "cabinet", "sink", "pot",
    "pan", "oven", "car", "bus", "truck", "boat", "window", "mirror", "screen", "sign", "receipt", "line",
    "row", "field", "container", "crate", "bed", "desk", "counter", "building", "house", "kitchen", "street",
})  # fmt: skip


def holds_things(thing: Thing) -> bool:
    """Whether things can be said to be in it, rather than where it is."""
    return thing.noun.split(" ")[-1] in _CONTAINERS


class Predicate(NamedTuple):
    """What is said of a subject: `is red`, with its negative and its plural."""

    one: str
    not_one: str
    several: str
    not_several: str


def property_predicate(words: str) -> Predicate:
    """The predicate of a property as programs write it: `red`, `a door knob`, `holding a cup`, `has wheels`."""
    words = words.strip()
    last = words.split(" ")[-1].lower() if words else ""
    if _VERB.match(words):
        verb, _, rest = words.partition(" ")
        if verb.lower() in ("has", "have"):
            return Predicate(f"has {rest}", f"does not have {rest}", f"have {rest}", f"do not have {rest}")
        return _be(words.split(" ", 1)[1]) if verb.lower() in ("is", "are") and rest else _fits(words)
    if _LEADS_IN.match(words) or words.lower() in _ADJECTIVES or last in _ADJECTIVES:
        return _be(words)
    return _fits(words)


def _be(rest: str) -> Predicate:
    return Predicate(f"is {rest}", f"is not {rest}", f"are {rest}", f"are not {rest}")


def _fits(words: str) -> Predicate:
    if singular(words).split(" ")[-1] in _NOUNS:
        return Predicate(
            f"is {article(words)}",
            f"is not {article(words)}",
            f"are {plural(words)}",
            f"are not {plural(words)}",
        )
    quoted = f"“{words}”"
    return Predicate(f"fits {quoted}", f"does not fit {quoted}", f"fit {quoted}", f"do not fit {quoted}")


def described(value: str) -> str:
    """A description that fits best, after `is`: an adjective as it is, a noun with its article."""
    last = value.rsplit(" ", maxsplit=1)[-1].lower() if value else ""
    if last in _ADJECTIVES or _LEADS_IN.match(value):
        return value
    return article(value) if re.fullmatch(r"[a-z][a-z -]*", value) else f"“{value}”"


_DIRECTIONS: dict[Direction, Predicate] = {
    "left": _be("to the left of"),
    "right": _be("to the right of"),
    "above": _be("above"),
    "below": _be("below"),
    "closer": _be("closer to the camera than"),
    "farther": _be("farther from the camera than"),
    "larger": _be("larger than"),
    "smaller": _be("smaller than"),
    "wider": _be("wider than"),
    "narrower": _be("narrower than"),
    "taller": _be("taller than"),
    "shorter": _be("shorter than"),
    "overlaps": Predicate("overlaps", "does not overlap", "overlap", "do not overlap"),
    "touches": Predicate("touches", "does not touch", "touch", "do not touch"),
}


def direction_predicate(fact: Related) -> Predicate:
    """`is to the left of`; where all of it is, `is entirely to the left of`."""
    predicate = _DIRECTIONS[fact.direction]
    if not fact.entirely:
        return predicate
    return Predicate(*(re.sub(r"^((?:is|are)(?: not)?) ", r"\1 entirely ", each) for each in predicate))


_COLOR = re.compile(r"(?:what|which) (?:is the )?colou?r (?:is|of|are) .*\?", re.IGNORECASE)
_MATERIAL = re.compile(
    r"what(?:'s| is| are)? (?:the )?(?:\w+ )*?(?:material .*|made (?:of|from))\?", re.IGNORECASE
)
_SHAPE = re.compile(r"(?:what|which) (?:is the )?shape (?:is|of|are) .*\?", re.IGNORECASE)
_ACTIVITY = re.compile(r"what (is|are) (?:the|this|that|these) ([\w ]+?) (\w+ing)\?", re.IGNORECASE)
_IDENTITY = re.compile(r"what (?:is|kind of \w+ is) (?:this|it|that)(?: object| thing)?\?", re.IGNORECASE)


def declarative(question: str, answer: str, subject: str, noun: str) -> str | None:
    """A question and its answer as one statement, where that is easily said: `the tallest man is holding a cup`.

    Args:
        question: as it was put to a model.
        answer: what the model said.
        subject: what the region that it looked at is called.
        noun: the noun in `subject`.
    """
    if not re.fullmatch(r"[a-z][a-z' -]{0,40}", answer) or answer in ("yes", "no"):
        return None
    if _COLOR.fullmatch(question):
        return f"{subject} is {answer}"
    if _IDENTITY.fullmatch(question):
        return f"{subject} shows {described(answer)}"
    if _MATERIAL.fullmatch(question):
        return f"{subject} is made of {answer}"
    if _SHAPE.fullmatch(question):
        return f"{subject} is {described(answer)}"
    activity = _ACTIVITY.fullmatch(question)
    if activity and activity[2].split(" ")[-1] == noun.rsplit(" ", maxsplit=1)[-1]:
        return f"{subject} {activity[1].lower()} {activity[3].lower()} {answer}"
    return None


_COMPARISONS: dict[Operator, tuple[str, str]] = {
    "==": ("exactly", "not"),
    "!=": ("not", "exactly"),
    "<": ("less than", "at least"),
    "<=": ("at most", "more than"),
    ">": ("more than", "at most"),
    ">=": ("at least", "less than"),
}


def comparison(operator: Operator, holds: bool, counting: bool = False) -> str:
    """`at least`: what stands before the number compared with."""
    words = _COMPARISONS[operator][0 if holds else 1]
    return words.replace("less", "fewer") if counting else words


_PLACES = {
    "upright": {"<": ("lower than", "no lower than"), ">": ("higher than", "no higher than")},
    "across": {
        "<": ("further left than", "no further left than"),
        ">": ("further right than", "no further right than"),
    },
}


def placement(axis: str, operator: Operator, holds: bool) -> str:
    """`higher than`: how two places on an axis compare; `<=` and `>=` are put as what does not hold."""
    if operator in ("==", "!="):
        return "level with" if holds == (operator == "==") else "not level with"
    if operator in ("<=", ">="):
        operator, holds = (">" if operator == "<=" else "<"), not holds
    return _PLACES[axis][operator][0 if holds else 1]
