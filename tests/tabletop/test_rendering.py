"""Scenes as pictures."""

from dataclasses import replace

import numpy as np
import pytest

from tests.tabletop.builders import EMPTY, cube
from vpd.tabletop.annotation import annotate
from vpd.tabletop.rendering.picture import render
from vpd.tabletop.rendering.shadows import shadow_of
from vpd.tabletop.scene import Card, Scene, Solid
from vpd.tabletop.vocabulary import COLORS, SHAPES, Color, Material, Shape


def _pixels(scene: Scene) -> np.ndarray:
    return np.asarray(render(scene), np.int16)


def test_the_same_scene_gives_the_same_pixels():
    scene = replace(EMPTY, solids=(cube(0, 0),), noise=0.02)
    assert (_pixels(scene) == _pixels(scene)).all()


def test_another_seed_is_other_noise():
    scene = replace(EMPTY, solids=(cube(0, 0),), noise=0.02)
    change = np.abs(_pixels(scene) - _pixels(replace(scene, seed=2)))
    assert 0 < change.mean() < 12


@pytest.mark.parametrize("shape", SHAPES)
def test_a_solid_is_drawn_where_its_box_is(shape: Shape):
    scene = replace(EMPTY, solids=(Solid(shape, "blue", "rubber", "large", 0.3, 0, 0.5),))
    view = annotate(scene)
    assert view is not None
    x1, y1, x2, y2 = view.seen[0].box
    red, _, blue = _pixels(scene).transpose(2, 0, 1)
    bluish = blue - red > 60
    assert bluish[y1:y2, x1:x2].sum() > 0.9 * bluish.sum()
    columns = np.flatnonzero(bluish.any(axis=0))
    assert abs(columns[0] - x1) <= 2
    assert abs(columns[-1] + 1 - x2) <= 2


@pytest.mark.parametrize("color", COLORS)
def test_colors_can_be_told_apart(color: Color):
    def look(of: Color) -> np.ndarray:
        scene = replace(EMPTY, solids=(Solid("sphere", of, "rubber", "large", 0, 0, 0),))
        return _pixels(scene)[50:70, 54:74].mean(axis=(0, 1))

    mine = look(color)
    assert all(np.abs(mine - look(other)).max() > 30 for other in COLORS if other != color)


def test_metal_has_highlights_that_rubber_lacks():
    def brightest(material: Material) -> int:
        scene = replace(EMPTY, solids=(Solid("sphere", "gray", material, "large", 0, 0, 0),))
        view = annotate(scene)
        assert view is not None
        x1, y1, x2, y2 = view.seen[0].box
        return _pixels(scene)[y1 + 6 : y2 - 6, x1 + 6 : x2 - 6, 1].max()

    assert brightest("metal") > brightest("rubber") + 40


def test_a_shadow_falls_away_from_the_lamp():
    solid = cube(0, 0)
    light = replace(EMPTY.light, azimuth=0.0)
    cast = shadow_of(solid, light).lamp
    at = np.float32(1.0)
    assert cast.hidden(-at, np.float32(0)) > 0.8
    assert cast.hidden(at, np.float32(0)) < 0.2


def test_a_card_is_printed_dark_on_light():
    scene = replace(EMPTY, cards=(Card("HELLO", 0, 0, 0, 1.45),))
    view = annotate(scene)
    assert view is not None
    x1, y1, x2, y2 = view.seen[0].box
    front = _pixels(scene)[y1:y2, x1:x2].mean(axis=2)
    assert np.percentile(front, 90) - np.percentile(front, 5) > 90


def test_large_images_are_rendered_too():
    assert render(replace(EMPTY, width=640, height=640, solids=(cube(0, 0),))).size == (640, 640)
