"""Programs from elsewhere find their questions."""

import json
from pathlib import Path
from typing import Any

import pytest

from vpd.errors import UserError
from vpd.inputs.candidates import CandidateFile
from vpd.records import Example


def candidates(tmp_path: Path, *rows: Any) -> CandidateFile:
    path = tmp_path / "candidates.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return CandidateFile(path)


def example(id: str = "1", question: str = "How many?") -> Example:
    return Example(id=id, images=(), question=question)


def test_programs_are_found_by_id(tmp_path: Path):
    file = candidates(
        tmp_path, {"example_id": "1", "programs": ["a", "b"]}, {"example_id": "2", "programs": ["c"]}
    )
    assert [(c.example_id, c.index, c.program) for c in file.candidates(example())] == [
        ("1", 0, "a"),
        ("1", 1, "b"),
    ]


def test_programs_of_a_question_serve_every_example_that_asks_it(tmp_path: Path):
    file = candidates(tmp_path, {"question": "How many?", "programs": ["a"]})
    assert [file.candidates(example(id))[0].example_id for id in "xy"] == ["x", "y"]


def test_an_id_goes_before_a_question(tmp_path: Path):
    file = candidates(
        tmp_path,
        {"question": "How many?", "programs": ["of the question"]},
        {"example_id": "1", "programs": ["mine"]},
    )
    assert [c.program for c in file.candidates(example("1"))] == ["mine"]


def test_a_program_may_come_with_its_probability_and_model(tmp_path: Path):
    row = {"example_id": "1", "programs": [{"program": "a", "log_probability": -1.5, "model": "m"}]}
    [candidate] = candidates(tmp_path, row).candidates(example())
    assert (candidate.log_probability, candidate.model) == (-1.5, "m")


def test_rows_without_a_question_are_counted(tmp_path: Path):
    file = candidates(
        tmp_path, {"example_id": "1", "programs": ["a"]}, {"question": "Who?", "programs": ["b"]}
    )
    assert file.unmatched([example()]) == 1


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"programs": ["a"]}, "needs `example_id` or `question`"),
        ({"example_id": "1", "programs": [3]}, "programs.0"),
        ({"example_id": "1", "programs": "a"}, "programs"),
        ("nothing", "not JSON"),
        ("[]", "must be a JSON object"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, row: Any, complaint: str):
    with pytest.raises(UserError, match=f"candidates.jsonl, line 1.*{complaint}"):
        candidates(tmp_path, row)
