"""A benchmark's definition is validated where it is read."""

from pathlib import Path

import pytest

from vpd.errors import UserError
from vpd.evaluation.benchmark import benchmark_names, load_benchmark


@pytest.mark.parametrize("name", benchmark_names())
def test_a_bundled_definition_is_named_as_its_file_and_says_whose_it_is(name: str):
    benchmark = load_benchmark(name)
    assert benchmark.name == name
    assert benchmark.licence
    assert benchmark.citation
    assert benchmark.found


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(UserError, match="there is no benchmark 'gqaa'; there are aokvqa-da, .*vstar"):
        load_benchmark("gqaa")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: a\ntitle: A\nmetric: guess", "`metric`"),
        ("name: a\ntitle: A\nmetric: anls\ncolumn: {}", "`column`: extra inputs"),
        ("name: ../a\ntitle: A\nmetric: anls", "`name`"),
        (
            "name: a\ntitle: A\nmetric: multiple_choice\nhub: {ids: [x/y], split: test}",
            "needs `hub` and `columns.correct`",
        ),
        (
            "name: a\ntitle: A\nmetric: anls\nhub: {ids: [x/y], split: t}\ncolumns: {image: null}",
            "name the column",
        ),
        ("name: a\ntitle: A\nmetric: multiple_choice", "needs `hub` and `columns.correct`"),
        ("a: [", "is not YAML"),
        ("a: !!python/object/apply:os.system [ls]", "is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, complaint: str):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=complaint) as caught:
        load_benchmark(str(path))
    assert str(path) in str(caught.value)
