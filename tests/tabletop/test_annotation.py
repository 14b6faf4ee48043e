"""What annotations say is what can be seen."""

import numpy as np

from tests.tabletop.builders import EMPTY, cube, seen_in
from vpd.tabletop.annotation import annotate
from vpd.tabletop.generation import Asked
from vpd.tabletop.scene import Card


def test_boxes_are_left_to_right_and_within_the_image(asked: dict[str, list[Asked]]):
    for scene in asked["train"]:
        for view in scene.views:
            assert [s.box[0] for s in view.seen] == sorted(s.box[0] for s in view.seen)
            for x1, y1, x2, y2 in (s.box for s in view.seen):
                assert 0 <= x1 < x2 <= view.width
                assert 0 <= y1 < y2 <= view.height


def test_a_box_holds_what_is_visible_and_no_more():
    hidden, front = cube(0, 1.2), cube(0.7, -0.6)
    both = seen_in(hidden, front)
    alone = seen_in(hidden)
    assert both is not None
    assert alone is not None
    [full] = alone.seen
    part = next(s for s in both.seen if s.thing == hidden)
    assert part.share < full.share == 1.0
    x1, y1, x2, y2 = part.box
    owned = both.geometry.owner == 0
    assert owned[y1:y2, x1:x2].sum() == owned.sum()
    for edge in (owned[y1, :], owned[y2 - 1, :], owned[:, x1], owned[:, x2 - 1]):
        assert edge.any()


def test_a_scene_with_something_hidden_is_refused():
    assert seen_in(cube(0, 1.6, size="small"), cube(0, 0, size="large")) is None


def test_a_card_that_is_partly_covered_is_refused():
    card = Card("HELLO", 0, 0.5, 0, 1.4)
    assert seen_in(cards=(card,)) is not None
    assert seen_in(cube(0.8, -0.8), cards=(card,)) is None


def test_depth_grows_away_from_the_camera():
    view = seen_in(cube(-1, -1.5), cube(1, 2.0))
    assert view is not None
    near, far = view.seen
    assert near.depth < far.depth
    assert view.median_depth(near.box) < view.median_depth(far.box)


def test_a_solid_is_nearer_than_the_table_behind_it():
    view = seen_in(cube(0, 0))
    empty = annotate(EMPTY)
    assert view is not None
    assert empty is not None
    x1, y1, x2, y2 = view.seen[0].box
    middle = (y1 + y2) // 2, (x1 + x2) // 2
    assert view.depth_map[middle] < empty.depth_map[middle]
    assert view.depth_map.shape == (128, 128)
    assert abs(view.depth_map[middle] - view.seen[0].depth) < 1.0


def test_depth_of_the_empty_table_grows_upwards():
    empty = annotate(EMPTY)
    assert empty is not None
    table = empty.depth_map[40:, 0]
    assert (np.diff(table) < 0).all()


def test_attributes_name_color_material_and_size():
    view = seen_in(cube(0, 0, material="metal"), cards=(Card("42", 2, 0, 0, 1.4),))
    assert view is not None
    assert [(s.name, s.attributes, s.text) for s in view.seen] == [
        ("cube", ("red", "metal", "medium"), ""),
        ("sign", ("white", "paper"), "42"),
    ]
