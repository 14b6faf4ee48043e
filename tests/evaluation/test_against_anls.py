"""Our ANLS against the package `anls`."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vpd.evaluation.metrics.anls import anls

reference = pytest.importorskip("anls")

SHORT = st.text("ab c", min_size=1, max_size=12).filter(str.strip)


@given(SHORT, st.lists(SHORT, min_size=1, max_size=3))
def test_anls(prediction, references):
    score = anls(prediction, references)
    assume(score != 0.5)  # the package gives 0 at the threshold, where the competition's script gives 0.5

    assert score == pytest.approx(reference.anls_score(prediction, references))
