"""Answers are balanced: no constant answers a family better than its documented majority rate."""

from collections import Counter
from itertools import islice

import pytest

from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.questions.catalogue import FAMILIES


def _answers(asked: list[Asked], family: str) -> Counter[str]:
    return Counter(
        q.solution.key or q.answer for scene in asked for q in scene.questions if q.query.family == family
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_no_constant_answers_a_family(family: str, asked: dict[str, list[Asked]]):
    answers = _answers(asked["train"], family)
    share = max(answers.values()) / answers.total()
    documented = FAMILIES[family].majority or 0.1
    assert share <= documented + 3 * (documented / answers.total()) ** 0.5


@pytest.mark.parametrize("family", [name for name, f in FAMILIES.items() if f.answer_type == "yes_no"])
def test_yes_and_no_are_equally_frequent(family: str, asked: dict[str, list[Asked]]):
    answers = _answers(asked["train"], family)
    assert abs(answers["yes"] - answers["no"]) <= len(FAMILIES[family].balanced)


def test_families_share_the_questions_evenly():
    chosen = ["count", "relation", "read_sign"]
    counts = Counter(q.query.family for s in asked_scenes("train", 31, 2, chosen) for q in s.questions)
    assert sorted(counts.values()) == [10, 10, 11]


def test_the_first_scenes_are_a_mixture():
    first = list(islice(asked_scenes("train", 280, 2), 8))
    assert {scene.world for scene in first} == {"solids", "signs", "wide", "clip"}


def test_there_is_a_family_of_each_announced_kind():
    assert len(FAMILIES) >= 12
    assert {family.world for family in FAMILIES.values()} == {"solids", "signs", "wide", "clip"}
