"""Mistakes on purpose: programs as language models get them wrong."""

import ast

import numpy as np
import pytest

from vpd.tabletop.generation import asked_scenes
from vpd.tabletop.mistakes import MISTAKES, mistaken


@pytest.fixture(scope="module")
def gold() -> list[tuple[str, str]]:
    """Programs with their questions, of all families."""
    scenes = asked_scenes("train", 120, seed=3)
    return [(q.program, q.text) for scene in scenes for q in scene.questions]


def test_a_mistaken_program_still_parses_and_is_another(gold: list[tuple[str, str]]):
    for index, (program, question) in enumerate(gold):
        changed, name = mistaken(program, question, np.random.default_rng(index))
        assert name != "none"
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(program))


def test_equal_arguments_give_equal_mistakes(gold: list[tuple[str, str]]):
    program, question = gold[0]
    one, other = (mistaken(program, question, np.random.default_rng(5)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_each_mistake_finds_an_occasion(mistake, gold: list[tuple[str, str]]):
    rng = np.random.default_rng(0)
    assert any(mistake.make(ast.parse(program), question, rng) for program, question in gold)
