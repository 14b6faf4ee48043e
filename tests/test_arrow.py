"""Records survive the way into an Arrow table and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd import arrow
from vpd.records import Candidate, ErrorInfo, Example, Execution, ImageFile, Record, Step, Verdict

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
steps = st.builds(
    Step,
    kind=st.sampled_from(["call", "bind", "branch", "return"]),
    line=st.integers(1, 100),
    expression=st.text(max_size=20),
    region=st.none() | st.tuples(*[st.floats(0, 1000)] * 4),
    arguments=json_values,
    result=json_values,
    value=json_values,
)
executions = st.builds(
    Execution,
    example_id=st.text(min_size=1),
    index=st.integers(0, 9),
    status=st.just("ok"),
    answer=st.none() | st.text(),
    error=st.none() | st.builds(ErrorInfo, type=st.text(), message=st.text(), line=st.none()),
    steps=st.lists(steps, max_size=3).map(tuple),
)


@given(st.lists(executions, max_size=3))
def test_nested_records_and_json_come_back_equal(rows: list[Execution]):
    assert arrow.from_table(Execution, arrow.to_table(Execution, rows)) == rows


def test_every_record_has_a_schema():
    for record in (Example, Candidate, Execution, Verdict):
        assert arrow.schema(record).names == list(record.model_fields)


def test_fields_that_must_be_there_are_not_nullable():
    schema = arrow.schema(Candidate)
    assert not schema.field("program").nullable
    assert schema.field("log_probability").nullable


def test_an_example_without_images_or_answers_comes_back():
    row = Example(id="a", images=(), question="?", problem="gone")
    assert arrow.from_table(Example, arrow.to_table(Example, [row])) == [row]


def test_a_field_without_an_arrow_type_is_named():
    class Odd(Record):
        odd: complex

    with pytest.raises(TypeError, match="complex"):
        arrow.schema(Odd)


def test_an_image_is_described_by_content_only():
    assert set(ImageFile.model_fields) == {"path", "sha256", "width", "height"}
