"""The two coordinate systems."""

from hypothesis import given
from hypothesis import strategies as st

from vpd.execution.calls import Patch
from vpd.execution.geometry import to_patch, to_region


@given(st.tuples(*[st.integers(0, 50)] * 2), st.tuples(*[st.integers(1, 50)] * 2))
def test_geometry_goes_there_and_back(corner: tuple[int, int], size: tuple[int, int]) -> None:
    x, y = corner
    patch = Patch(1, (x, y, x + size[0], y + size[1]), "dog", 0.5)
    region = to_region(patch, ((9, 9), (100, 100)))
    assert to_patch(region, ((9, 9), (100, 100))) == patch
    assert region.upper - region.lower == size[1]
    assert (region.lower, region.upper) == (100 - y - size[1], 100 - y)
