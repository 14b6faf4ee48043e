"""The test split asks for generalisation: new compositions and new wordings, of words that training knows."""

import re

import pytest

from vpd.tabletop.generation import Asked
from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.asking import Question
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.scene import Solid
from vpd.tabletop.splits import may_ask, novelties, pair_split, words_of
from vpd.tabletop.vocabulary import COLORS, SHAPES, WORDS


def _questions(asked: list[Asked]) -> list[Question]:
    return [question for scene in asked for question in scene.questions]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def test_every_color_and_every_shape_is_in_training():
    pairs = [(color, shape) for color in COLORS for shape in SHAPES if pair_split(color, shape) == "train"]
    assert len(pairs) == 40
    assert {color for color, _ in pairs} == set(COLORS)
    assert {shape for _, shape in pairs} == set(SHAPES)


def test_training_scenes_show_training_pairs_alone(asked: dict[str, list[Asked]]):
    for scene in asked["train"]:
        for seen in (s for view in scene.views for s in view.solids):
            assert isinstance(seen.thing, Solid)
            assert pair_split(seen.thing.color, seen.thing.shape) == "train"


@pytest.mark.parametrize("split", ["val", "test"])
def test_what_is_asked_elsewhere_is_new(split: str, asked: dict[str, list[Asked]]):
    named = 0
    for question in _questions(asked[split]):
        firsts = set(novelties(question.query.topic, question.query.kinds).values())
        assert firsts <= {"train", split}
        if firsts:
            named += 1
            assert split in firsts
            assert len(question.novel) >= 2
    assert named > 0.6 * len(_questions(asked[split]))


def test_nothing_asked_in_training_is_new(asked: dict[str, list[Asked]]):
    assert all(question.novel == () for question in _questions(asked["train"]))


def test_a_pair_of_the_test_split_may_be_asked_there_only():
    pair = Kind("cube", next(color for color in COLORS if pair_split(color, "cube") == "test"))
    assert not may_ask("train", "exists color", (pair,))
    assert not may_ask("val", "exists color", (pair,))


@pytest.mark.parametrize("family", FAMILIES)
def test_splits_share_no_phrasing(family: str):
    for phrasings in FAMILIES[family].phrasings.values():
        templates = [t for part in phrasings for t in part]
        assert len(set(templates)) == len(templates)
        assert len(phrasings.train) >= 3
        assert all(phrasings)


def test_new_phrasings_use_known_words():
    """A model that learnt its English from the training split can read every other question."""
    known: set[str] = set()
    new: set[str] = set()
    for family in FAMILIES.values():
        for phrasings in family.phrasings.values():
            known |= {word for template in phrasings.train for word in _words(template)}
            new |= {word for template in (*phrasings.val, *phrasings.test) for word in _words(template)}
    assert new <= known


def test_cards_of_a_split_carry_its_words():
    splits = [set(words_of(split)) for split in ("train", "val", "test")]  # type: ignore[arg-type]
    assert set().union(*splits) == set(WORDS)
    assert sum(map(len, splits)) == len(WORDS)
