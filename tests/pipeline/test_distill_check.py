"""`vpd check-rationales`: rationales from anywhere against what a run's programs saw."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.said import Said
from tests.scenes import draw

Vpd = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, vpd: Vpd) -> Path:
    """Three questions `q0` to `q2` about discs, each with right programs."""
    draw(tmp_path / "data", 3)
    files = {name: f"data/{name}.jsonl" for name in ("questions", "annotations", "candidates")}
    values = {
        "data": {**files, "images": "data/images"},
        "tools": {"detector": {"name": "annotations"}},
        "verification": {"preset": "paper"},
    }
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps(values))
    said = vpd("verify", recipe, "--out", tmp_path / "run", "--cache", tmp_path / "cache")
    assert said.status == 0, said.errors
    return tmp_path / "run"


def asked(run: Path) -> list[dict[str, Any]]:
    path = run.parent / "data" / "questions.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def true(row: dict[str, Any]) -> str:
    colour, count = row["question"].split()[2], row["answer"]
    return f"There {'is' if count == 1 else 'are'} {count} {colour} disc{'s' * (count != 1)}. The answer is {count}."


def write(run: Path, *rows: Any) -> Path:
    path = run.parent / "given.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def report(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run.parent / "given-checked.jsonl").read_text().splitlines()]


def test_true_rationales_pass_with_status_0(run: Path, vpd: Vpd):
    file = write(run, *({"example_id": row["id"], "text": true(row)} for row in asked(run)))
    said = vpd("check-rationales", file, "--run", run)
    assert said.status == 0, said.output
    assert "3 rationales checked: 0 with unsupported claims" in said.output
    assert [row["supported"] for row in report(run)] == [True] * 3


def test_a_false_claim_is_named_with_its_line_and_place(run: Path, vpd: Vpd):
    first, second, _ = asked(run)
    text = f"There is a zebra beside the table. {true(second)}"
    file = write(run, {"id": "q0", "rationale": true(first)}, {"id": "q1", "rationale": text})
    said = vpd("check-rationales", file, "--run", run)
    assert said.status == 1
    assert "zebra" in said.output
    [_, row] = report(run)
    assert (row["line"], row["example_id"], row["supported"]) == (2, "q1", False)
    claim = row["claims"][0]
    assert "zebra" in text[claim["start"] : claim["end"]]
    assert claim["reason"]


def test_a_wrong_answer_is_unsupported(run: Path, vpd: Vpd):
    row = asked(run)[0]
    wrong = true(row).replace(f"answer is {row['answer']}", f"answer is {row['answer'] + 1}")
    assert vpd("check-rationales", write(run, {"id": "q0", "text": wrong}), "--run", run).status == 1


def test_a_rationale_must_end_with_the_answer(run: Path, vpd: Vpd):
    text = true(asked(run)[0]).partition(". The answer")[0] + "."
    said = vpd("check-rationales", write(run, {"id": "q0", "text": text}), "--run", run)
    assert (said.status, "does not end with the answer" in said.output) == (1, True)


def test_a_question_is_found_by_its_text(run: Path, vpd: Vpd):
    rows = asked(run)
    different = next(r for r in rows if [o["question"] for o in rows].count(r["question"]) == 1)
    file = write(run, {"question": different["question"], "text": true(different)})
    assert vpd("check-rationales", file, "--run", run).status == 0
    assert report(run)[0]["example_id"] == different["id"]


def test_an_index_chooses_the_program(run: Path, vpd: Vpd):
    """The third program answers 2 without looking, so that nothing about discs follows from it."""
    row = asked(run)[0]
    file = write(run, {"id": "q0", "text": true(row), "index": 2})
    assert vpd("check-rationales", file, "--run", run).status == 1


def test_what_cannot_be_checked_is_said_and_is_no_fault(run: Path, vpd: Vpd):
    row = asked(run)[0]
    file = write(
        run,
        {"id": "q99", "text": "The answer is 1."},
        {"id": "q0", "text": true(row), "index": 3},
        {"id": "q0", "text": true(row)},
    )
    said = vpd("check-rationales", file, "--run", run)
    assert said.status == 0
    assert "2 could not be checked" in said.output
    assert [r["problem"] for r in report(run)] == [
        "the run has no such question",
        "the question has no program 3 that gave an answer",
        None,
    ]


def test_where_nothing_can_be_checked_nothing_is_borne_out(run: Path, vpd: Vpd):
    said = vpd("check-rationales", write(run, {"id": "q99", "text": "The answer is 1."}), "--run", run)
    assert said.status == 1
    assert "0 rationales checked" in said.output


def test_an_input_that_cannot_be_read_leaves_the_earlier_report(run: Path, vpd: Vpd):
    earlier = run.parent / "given-checked.jsonl"
    earlier.write_text("earlier")
    row = {"id": "q0", "text": true(asked(run)[0])}
    assert vpd("check-rationales", write(run, row, "{"), "--run", run).status == 2
    assert vpd("check-rationales", run.parent / "given.txt", "--run", run).status == 2
    assert earlier.read_text() == "earlier"
    assert not list(run.parent.glob("*.part")) + list(run.parent.glob(".*.part"))


def test_the_report_does_not_take_the_place_of_what_it_is_about(run: Path, vpd: Vpd):
    file = write(run, {"id": "q0", "text": true(asked(run)[0])})
    before = file.read_text()
    said = vpd("check-rationales", file, "--run", run, "--out", file)
    assert (said.status, "name another file with --out" in said.errors) == (2, True)
    assert file.read_text() == before


def test_of_many_faults_the_first_are_printed_and_all_reported(run: Path, vpd: Vpd):
    many = [{"id": "q0", "text": f"Zebra. {true(asked(run)[0])}"}] * 120
    said = vpd("check-rationales", write(run, *many), "--run", run)
    assert "The first 100 of 120 rows; the report has all." in said.output
    assert len(report(run)) == 120


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{", "line 1: not JSON"),
        ({"id": "q0"}, "needs the rationale, as `text` or `rationale`"),
        ({"text": "Yes."}, "needs `example_id` or `question`"),
        ({"id": "q0", "text": "Yes.", "index": "x"}, "line 1: `index`"),
        ("[]", "must be a JSON object"),
    ],
)
def test_a_bad_row_is_named_by_its_line(run: Path, vpd: Vpd, row: Any, complaint: str):
    said = vpd("check-rationales", write(run, row), "--run", run)
    assert (said.status, complaint in said.errors) == (2, True), said.errors


def test_missing_files_get_one_sentence(run: Path, vpd: Vpd):
    said = vpd("check-rationales", run.parent / "none.jsonl", "--run", run)
    assert (said.status, "cannot read" in said.errors) == (2, True)
    said = vpd("check-rationales", write(run, {"id": "q0", "text": "Yes."}), "--run", run.parent / "data")
    assert (said.status, "holds no run" in said.errors) == (2, True)
