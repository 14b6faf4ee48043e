"""Rows reach the page in scripts that hold nothing but base64."""

import base64
import json
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.reporting.chunks import ChunkWriter

SCRIPT = re.compile(r'vpd\.data\.receive\("rows-\d+","([A-Za-z0-9+/=]+)"\);\n')

rows = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda value: st.lists(value, max_size=4) | st.dictionaries(st.text(), value, max_size=4),
)


def read(folder, number):
    match = SCRIPT.fullmatch((folder / f"rows-{number}.js").read_text())
    assert match, "the script holds something else than base64"
    return json.loads(zlib.decompress(base64.b64decode(match[1])))


@given(st.lists(rows, min_size=1, max_size=8))
def test_each_row_is_found_where_it_was_put(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("data")
    writer = ChunkWriter(folder, "rows", limit=40)
    places = [writer.add(value) for value in values]
    writer.flush()
    assert [read(folder, place.chunk)[place.position] for place in places] == values
    assert len(list(folder.iterdir())) == writer.chunks


def test_a_chunk_ends_where_the_next_row_would_exceed_the_limit(tmp_path):
    writer = ChunkWriter(tmp_path, "rows", limit=25)
    assert [tuple(writer.add("x" * 8)) for _ in range(5)] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]


def test_a_row_over_the_limit_has_a_chunk_of_its_own(tmp_path):
    writer = ChunkWriter(tmp_path, "rows", limit=5)
    assert [tuple(writer.add("x" * 50)) for _ in range(2)] == [(0, 0), (1, 0)]


def test_a_lone_surrogate_does_not_stop_the_report(tmp_path):
    writer = ChunkWriter(tmp_path, "rows", limit=100)
    writer.add("a\ud800b")
    writer.flush()
    assert read(tmp_path, 0) == ["a?b"]


def test_a_number_that_json_does_not_have_is_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        ChunkWriter(tmp_path, "rows", limit=100).add(float("nan"))
