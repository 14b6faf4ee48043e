"""Other scenes for the same question."""

import pytest

from vpd.errors import UserError
from vpd.tabletop.fresh import fresh_scenes
from vpd.tabletop.generation import Asked
from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.asking import solve
from vpd.tabletop.questions.family import Query


def test_every_scene_has_one_answer(asked: dict[str, list[Asked]]):
    queries = {q.query.family: q.query for scene in asked["test"] for q in scene.questions}
    for query in queries.values():
        scenes = fresh_scenes(query, "test", 4, seed=1)
        assert len(scenes) == 4
        assert all(solve(query, views) is not None for views in scenes)


def test_answers_differ_between_scenes():
    query = Query("exists", "color", (Kind("cube", "red"),))
    answers = {
        solution.answer for views in fresh_scenes(query, "train", 30, 2) if (solution := solve(query, views))
    }
    assert answers == {"yes", "no"}


def test_a_query_that_fits_no_scene_is_refused():
    nothing = Query("read_sign", "left", (), ("on the left",))._replace(
        family="zoom_property", variant="color"
    )
    with pytest.raises((UserError, ValueError)):
        fresh_scenes(nothing, "train", 1, seed=0)
