"""The run directory: shards exist whole or not at all, and know what they were made from."""

from pathlib import Path

import pytest

from vpd.errors import UserError
from vpd.records import Candidate, Execution, Step
from vpd.store import Run, Table, combine, open_run


def rows(n: int) -> list[Candidate]:
    return [Candidate(example_id=f"e{i}", index=0, program="def f(): ...") for i in range(n)]


def test_a_shard_is_read_as_it_was_written(tmp_path: Path):
    table = Table(tmp_path / "t", Candidate)
    table.write(0, rows(3), "made of this")
    assert table.read(0) == rows(3)
    assert table.fingerprint(0) == "made of this"
    assert table.count(0) == 3


def test_fields_that_are_not_needed_are_left_out(tmp_path: Path):
    table = Table(tmp_path / "t", Execution)
    step = Step(kind="bind", line=2, expression="f()", name="x", value=[1, {"a": None}])
    table.write(0, [Execution(example_id="e", index=0, status="ok", answer="yes", steps=(step,))], "f")
    [row] = table.read(0, ["example_id", "index", "status", "steps.kind", "steps.line", "steps.expression"])
    assert row.answer is None
    assert row.steps == (Step(kind="bind", line=2, expression="f()"),)


def test_equal_rows_give_equal_bytes(tmp_path: Path):
    first, second = Table(tmp_path / "a", Candidate), Table(tmp_path / "b", Candidate)
    first.write(0, rows(100), "f")
    second.write(0, rows(100), "f")
    assert first.path(0).read_bytes() == second.path(0).read_bytes()
    assert first.digest(0) == second.digest(0)


def test_what_a_shard_was_made_from_does_not_change_its_digest(tmp_path: Path):
    table = Table(tmp_path / "t", Candidate)
    table.write(0, rows(2), "made of this")
    before = table.digest(0)
    table.write(0, rows(2), "made of that")
    assert table.digest(0) == before
    table.write(0, rows(3), "made of that")
    assert table.digest(0) != before


def test_a_shard_that_is_not_there_or_broken_has_no_fingerprint(tmp_path: Path):
    table = Table(tmp_path / "t", Candidate)
    assert table.fingerprint(0) is None
    table.write(0, rows(1), "f")
    table.path(0).write_bytes(table.path(0).read_bytes()[:-20])
    assert table.fingerprint(0) is None


def test_what_a_crash_left_half_written_is_no_shard_and_is_removed(tmp_path: Path):
    table = Table(tmp_path / "t", Candidate)
    table.write(0, rows(1), "f")
    half = tmp_path / "t" / ".shard-000001.parquet.123"
    half.write_bytes(b"PAR1")
    assert len(table) == 1
    table.trim(1)
    assert not half.exists()
    assert len(table) == 1


def test_shards_of_a_longer_input_are_removed(tmp_path: Path):
    table = Table(tmp_path / "t", Candidate)
    for shard in range(3):
        table.write(shard, rows(1), "f")
    table.trim(2)
    assert len(table) == 2


def test_rows_run_through_the_shards_in_order(tmp_path: Path):
    table = Table(tmp_path / "t", Candidate)
    table.write(1, rows(2)[1:], "f")
    table.write(0, rows(2)[:1], "f")
    assert list(table.rows()) == rows(2)


def test_only_one_process_works_in_a_run(tmp_path: Path):
    run = Run(tmp_path / "r")
    with run.lock(), pytest.raises(UserError, match="another process"), run.lock():
        pass


def test_opening_what_is_no_run_says_so(tmp_path: Path):
    with pytest.raises(UserError, match="holds no run"):
        open_run(tmp_path)


def test_combining_keeps_parts_apart():
    assert combine("ab", "c") != combine("a", "bc")
    assert combine("a\nb") != combine("a", "b")
