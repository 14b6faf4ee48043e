"""Candidate programs as a language model might draw them: right ones in several styles, and mistaken ones."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from vpd.tabletop.mistakes import mistaken
from vpd.tabletop.questions.asking import Question, write

MISTAKEN = 0.6
"""Share of the candidates with a mistake."""

_TWO_MISTAKES, _THE_SAME, _UNUSUAL = 0.3, 0.3, 0.35
_SYNONYMS = {
    "gray": "grey", "large": "big", "small": "little", "sphere": "ball", "metal": "metallic", "rubber": "matte",
}  # fmt: skip


class Drawn(NamedTuple):
    program: str
    mistakes: tuple[str, ...]
    log_probability: float


def draw(question: Question, k: int, rng: np.random.Generator) -> list[Drawn]:
    """`k` candidates.

    Models repeat their mistakes: for some questions all mistaken candidates make the same one. The
    log-probability tells right programs from mistaken ones weakly, as those of language models do (the area
    under its ROC curve is about 0.64).
    """
    shared = int(rng.integers(2**32)) if rng.random() < _THE_SAME else None
    return [_one(question, shared, rng) for _ in range(k)]


def _one(question: Question, shared: int | None, rng: np.random.Generator) -> Drawn:
    program = write(question.query, rng)
    if rng.random() >= MISTAKEN:
        return Drawn(_unusual(program, rng), (), float(rng.normal(-12, 4)))
    source = rng if shared is None else np.random.default_rng(shared)
    mistakes: list[str] = []
    for _ in range(1 + (rng.random() < _TWO_MISTAKES)):
        program, name = mistaken(program, question.text, source)
        mistakes.append(name)
    return Drawn(program, tuple(mistakes), float(rng.normal(-14, 4)))


def _unusual(program: str, rng: np.random.Generator) -> str:
    """Now and then with synonyms, or with a step that nothing comes of: right all the same."""
    tree = ast.parse(program)
    if rng.random() < _UNUSUAL:
        for text in _looked_for(tree):
            text.value = " ".join(_SYNONYMS.get(word, word) for word in str(text.value).split())
    if rng.random() < _UNUSUAL / 3:
        function = tree.body[-1]
        assert isinstance(function, ast.FunctionDef)
        if (name := function.args.args[0].arg) != "video":
            function.body.insert(0, ast.parse(f"everything = {name}.find('object')").body[0])
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _looked_for(tree: ast.Module) -> Iterator[ast.Constant]:
    """What is handed to the tools that look for things by name; options and answers are to stay as they are."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="find" | "exists" | "verify_property"), args=given):
                yield from (
                    each for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
            case _:
                pass
