"""Questions and programs for the code model: what a training split may ask, answered by no one."""

import ast
import string
from typing import NamedTuple

import numpy as np

from vpd.prompts import render
from vpd.tabletop.clips import FRAMES
from vpd.tabletop.mistakes import mistaken
from vpd.tabletop.questions.asking import word, write
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.questions.family import WORLDS, Query, Views, World
from vpd.tabletop.splits import Split, may_ask
from vpd.tabletop.worlds import draw_views

_PER_SCENE = 8
_PROPOSALS = 60
"""How many queries of a family are looked at in one scene."""


class Pair(NamedTuple):
    question: str
    """As the user message of a prompt holds it."""
    program: str


def pairs(
    split: Split, count: int, mistakes: float, rng: np.random.Generator, letters: float = 0.0
) -> list[Pair]:
    """Questions with programs.

    Args:
        mistakes: share of the programs that hold one.
        letters: share of the questions that are replaced by some for random letters on a sign. Only one family has
            words to copy, too few to learn copying from.
    """
    shares = np.array([sum(f.world == world for f in FAMILIES.values()) for world in WORLDS]) / len(FAMILIES)
    found: list[Pair] = []
    while len(found) < count:
        world = WORLDS[rng.choice(len(WORLDS), p=shares)]
        for drawn in _queries(world, split, rng):
            spelt = bool(letters) and rng.random() < letters
            query = Query("word_shown", "word", (), (_letters(rng),)) if spelt else drawn
            text = word(query, split, rng)
            program = ast.unparse(ast.parse(write(query, rng))) + "\n"
            if rng.random() < mistakes:
                program, _ = mistaken(program, text, rng)
            where: World = "signs" if spelt else world
            found.append(Pair(prompt(text, FAMILIES[query.family].choices(query), where), program))
    return found[:count]


def prompt(text: str, choices: tuple[str, ...], world: World) -> str:
    """The user message of a first attempt, as the sampling stage writes it."""
    images = FRAMES if world == "clip" else 1
    return render("question.j2", question=text, choices=choices, images=images, video=images > 1, hint="")


def _queries(world: World, split: Split, rng: np.random.Generator) -> list[Query]:
    views = draw_views(world, split, rng)
    families = [name for name, family in FAMILIES.items() if family.world == world]
    drawn: list[Query] = []
    for name in rng.choice(families, _PER_SCENE).tolist():
        proposed = _proposed(name, views, split, rng)
        if proposed:
            drawn.append(_reprinted(proposed[rng.integers(len(proposed))], rng))
    return drawn


def _proposed(family: str, views: Views, split: Split, rng: np.random.Generator) -> list[Query]:
    proposals = zip(range(_PROPOSALS), FAMILIES[family].propose(views, rng), strict=False)
    return [query for _, query in proposals if may_ask(split, query.topic, query.kinds)]


def _reprinted(query: Query, rng: np.random.Generator) -> Query:
    """Half of the printed words become letters at random, so that a word is copied and not recalled."""
    words = tuple(_letters(rng) if w.isupper() and rng.random() < 0.5 else w for w in query.words)
    return query._replace(words=words)


def _letters(rng: np.random.Generator) -> str:
    return "".join(rng.choice(list(string.ascii_uppercase), int(rng.integers(3, 8))))
