"""Scenes and clips as they are laid out."""

from itertools import combinations
from math import hypot

import numpy as np
import pytest

from vpd.tabletop.clips import FRAMES
from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.layout import arrange
from vpd.tabletop.plans import NUMBERS, draw_plan
from vpd.tabletop.rendering.forms import form_of, scale_of
from vpd.tabletop.worlds import draw_views


@pytest.mark.parametrize("world", ["solids", "signs", "wide", "clip"])
def test_the_same_seed_draws_the_same_scene(world):
    one, other = (draw_views(world, "train", np.random.default_rng(8)) for _ in range(2))
    assert [view.scene for view in one] == [view.scene for view in other]


def test_a_scene_has_all_that_was_planned():
    rng = np.random.default_rng(3)
    plan = draw_plan("signs", "train", rng)
    while (scene := arrange(plan, rng)) is None:
        pass
    assert [(s.shape, s.color, s.material, s.size) for s in scene.solids] == list(plan.looks)
    assert tuple(card.text for card in scene.cards) == plan.texts


def test_nothing_stands_in_anything_else(asked: dict[str, list[Asked]]):
    for scene in asked["train"]:
        for view in scene.views:
            for a, b in combinations(view.scene.things, 2):
                touch = form_of(a).radius * scale_of(a) + form_of(b).radius * scale_of(b)
                assert hypot(a.x - b.x, a.y - b.y) > touch


def test_something_happens_in_a_few_frames_of_a_clip():
    for scene in asked_scenes("train", 30, 1, ["clip_sign"]):
        assert len(scene.views) == FRAMES
        shown = [bool(view.signs) for view in scene.views]
        assert 3 <= sum(shown) <= 5
        assert not shown[0]
        assert not shown[-1]


def test_a_clip_keeps_its_table_and_its_light():
    for scene in asked_scenes("train", 10, 1, ["clip_move"]):
        assert len({(v.scene.table, v.scene.light, v.scene.camera) for v in scene.views}) == 1
        assert len({v.scene.seed for v in scene.views}) == FRAMES


def test_wide_scenes_have_a_tiny_cue():
    for scene in asked_scenes("train", 10, 1, ["zoom_sign"]):
        [view] = scene.views
        assert view.width == 1024
        assert all(sign.box[3] - sign.box[1] < 0.08 * view.height for sign in view.signs)


def test_numbers_read_the_same_way_up():
    assert all(set(number) - set("01689") for number in NUMBERS)
