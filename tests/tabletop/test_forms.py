"""The solids as rays meet them."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.tabletop.rendering.forms import Form, form_of
from vpd.tabletop.scene import Card, Solid
from vpd.tabletop.vocabulary import Shape

FORMS = {
    **{shape: form_of(Solid(shape, "red", "rubber", "medium", 0, 0, 0)) for shape in get_args(Shape)},
    "card": form_of(Card("HELLO", 0, 0, 0, 1)),
}
above = st.tuples(st.floats(-6, 6), st.floats(-8, -4), st.floats(2, 6))
target = st.tuples(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9), st.floats(0.05, 1.2))


def _cast(form: Form, origin, towards):  # type: ignore[no-untyped-def]
    start = tuple(np.array([c], np.float32) for c in origin)
    ray = tuple(np.array([b - a], np.float32) for a, b in zip(origin, towards, strict=True))
    entry, leave = form.crossing(start, ray)  # type: ignore[arg-type]
    return start, ray, entry, leave


def _at(start, ray, t):  # type: ignore[no-untyped-def]
    return np.stack([o + t * d for o, d in zip(start, ray, strict=True)])


@pytest.mark.parametrize("name", FORMS)
@given(origin=above, towards=target)
def test_a_ray_enters_through_a_face_that_looks_at_its_origin(name: str, origin, towards):
    start, ray, entry, leave = _cast(FORMS[name], origin, towards)
    if entry[0] <= leave[0]:
        normal = FORMS[name].normals(_at(start, ray, entry), 0.0)
        assert abs(np.linalg.norm(normal) - 1) < 1e-3
        heading = np.concatenate(ray) / np.linalg.norm(ray)
        assert normal[:, 0] @ heading < 0.35


@pytest.mark.parametrize("name", FORMS)
@given(origin=above, towards=target)
def test_what_is_hit_lies_within_the_form_s_bounds(name: str, origin, towards):
    form = FORMS[name]
    start, ray, entry, leave = _cast(form, origin, towards)
    if entry[0] <= leave[0]:
        x, y, z = _at(start, ray, entry)[:, 0]
        assert (x * x + y * y) ** 0.5 <= form.radius + 0.05
        assert -0.05 <= z <= form.height + 0.05


@pytest.mark.parametrize("name", [name for name in FORMS if name != "ring"])
def test_the_middle_is_inside(name: str):
    height = FORMS[name].height / 2
    _, _, entry, leave = _cast(FORMS[name], (0, -6, height), (0, 0, height))
    assert entry[0] < 1 < leave[0]


def test_a_ring_has_a_hole():
    _, _, entry, leave = _cast(FORMS["ring"], (0, 0, 5), (0, 0, 0))
    assert entry[0] > leave[0]
