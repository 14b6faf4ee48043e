"""The commands, as a user types them."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenes import DataSet, draw
from vpd.cli import main

PROGRAM = "from vpd.cli import main; main()"


def vpd(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "PYTHONPATH": str(Path(__file__).parent.parent)},
        timeout=200,
        check=False,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return draw(tmp_path_factory.mktemp("discs") / "data", 6)


@pytest.fixture(scope="module")
def run(data: DataSet) -> Path:
    """A finished run."""
    out = data.root.parent / "run"
    done = vpd(
        "verify", *data.options, "--tool", "detector=annotations", "--out", out, "--cache", out / "c.sqlite"
    )
    assert done.returncode == 0, done.stderr
    assert "discs" in done.stdout
    assert "majority" in done.stdout
    assert "6 programs ended because nobody plays the role `answerer`" in done.stdout
    return out


def rows(run: Path, table: str) -> list[dict[str, object]]:
    done = vpd("export", run, table)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_program_ends_in_one_row_with_a_typed_status(run: Path):
    executions, verdicts = rows(run, "executions"), rows(run, "verdicts")
    statuses = ["ok", "ok", "ok", "error", "tool_error"]
    assert [(e["example_id"], e["status"]) for e in executions] == [
        (f"q{i}", status) for i in range(6) for status in statuses
    ]
    assert [v["status"] for v in verdicts] == statuses * 6
    assert all(v["reason"] for v in verdicts)


def test_a_program_that_counts_is_right_and_a_failure_never_is(run: Path):
    for verdict in rows(run, "verdicts"):
        if verdict["index"] in (0, 1):
            assert verdict["correct"] is True
        if verdict["status"] != "ok":
            assert verdict["correct"] is False
            assert verdict["score"] is None


def test_one_kept_program_is_selected_per_solved_question(run: Path):
    selected = [v for v in rows(run, "verdicts") if v["selected"]]
    assert sorted(v["example_id"] for v in selected) == [f"q{i}" for i in range(6)]
    assert all(v["kept"] for v in selected)


def test_a_role_nobody_plays_is_named_in_the_reason(run: Path):
    reasons = {v["reason"] for v in rows(run, "verdicts") if v["status"] == "tool_error"}
    assert all("`answerer`" in reason and "--tool answerer=" in reason for reason in reasons)


def test_the_trace_has_calls_with_line_region_and_result(run: Path):
    execution = rows(run, "executions")[0]
    [call] = [step for step in execution["steps"] if step["kind"] == "call"]
    assert (call["tool"], call["line"]) == ("find", 2)
    assert call["region"] == [0, 0, 120, 90]
    assert all(patch["box"][1] == 30 for patch in call["result"])


def test_csv_has_a_header_and_one_line_per_row(run: Path):
    done = vpd("export", run, "verdicts", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(table) == 30
    assert table[0]["status"] == "ok"


def test_a_report_is_written(run: Path):
    done = vpd("report", run)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(run / "report" / "index.html")
    assert "discs" in (run / "report" / "index.html").read_text()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(data: DataSet, tmp_path: Path):
    done = vpd(
        "verify", *data.options, "--tool", "detector=annotations", "--out", tmp_path / "r", "--dry-run"
    )
    assert "30 of 30 programs would be run" in done.stdout
    assert not (tmp_path / "r" / "executions").exists()


def test_a_limit_looks_at_the_first_questions_only(data: DataSet, tmp_path: Path):
    out = tmp_path / "r"
    done = vpd("verify", *data.options, "--tool", "detector=annotations", "--out", out, "--limit", "2")
    assert done.returncode == 0, done.stderr
    assert {v["example_id"] for v in rows(out, "verdicts")} == {"q0", "q1"}


def test_a_retry_runs_what_ended_so_once_more(run: Path, data: DataSet):
    def shards() -> dict[str, int]:
        return {t: next((run / t).glob("*.parquet")).stat().st_mtime_ns for t in ("candidates", "executions")}

    options = [
        *data.options,
        "--tool",
        "detector=annotations",
        "--out",
        str(run),
        "--cache",
        str(run / "c.sqlite"),
    ]
    before = shards()
    assert vpd("verify", *options, "--retry", "timeout").returncode == 0
    assert shards() == before, "no program ended so"
    assert vpd("verify", *options, "--retry", "tool_error").returncode == 0
    after = shards()
    assert after["candidates"] == before["candidates"]
    assert after["executions"] > before["executions"]


def test_a_changed_rule_of_acceptance_leaves_the_executions_alone(data: DataSet, tmp_path: Path):
    recipe = tmp_path / "recipe.yaml"
    text = {
        "data": {
            name: str(data.root / (name if name == "images" else f"{name}.jsonl"))
            for name in ("questions", "images", "annotations", "candidates")
        },
        "tools": {"detector": {"name": "annotations"}},
    }
    recipe.write_text(json.dumps(text))
    assert vpd("verify", recipe, cwd=tmp_path).returncode == 0
    run = tmp_path / "runs" / "recipe"

    def times(table: str) -> list[int]:
        return [p.stat().st_mtime_ns for p in sorted((run / table).glob("*.parquet"))]

    executions, verdicts = times("executions"), times("verdicts")
    recipe.write_text(json.dumps({**text, "verification": {"accept_score": 0.9}}))
    assert vpd("verify", recipe, cwd=tmp_path).returncode == 0
    assert times("executions") == executions
    assert times("verdicts") != verdicts


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["verify"], "give a recipe, or --questions and --images"),
        (["verify", "gone.yaml"], "cannot read the recipe gone.yaml"),
        (["verify", "--questions", "q", "--images", "i"], "--out"),
        (["verify", "--questions", "q", "--images", "i", "--out", "r"], "image folder"),
        (["verify", "--questions", "q", "--images", ".", "--out", "r"], "cannot read"),
        (["verify", "--questions", "q", "--images", ".", "--out", "r", "--tool", "yolo"], "ROLE=NAME"),
        (["verify", "--questions", "q", "--images", ".", "--out", "r", "--retry", "odd"], "no such status"),
        (["export", ".", "verdicts"], "holds no run"),
        (["report", "gone"], "holds no run"),
    ],
)
def test_a_mistake_gets_one_sentence_and_no_traceback(arguments: list[str], complaint: str, tmp_path: Path):
    done = vpd(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("tool", "complaint"),
    [
        ("painter=annotations", "no role 'painter'"),
        ("detector=yolo9000", "no detector is called 'yolo9000'; there are"),
        ("detector=annotations:gone.jsonl", "gone.jsonl"),
    ],
)
def test_a_tool_that_cannot_be_made_is_named(data: DataSet, tool: str, complaint: str, tmp_path: Path):
    done = vpd("verify", *data.options, "--tool", tool, "--out", tmp_path / "r")
    assert done.returncode == 2
    assert complaint in done.stderr


def test_without_programs_there_is_nothing_to_verify(data: DataSet, tmp_path: Path):
    done = vpd("verify", *data.options[:4], "--out", tmp_path / "r")
    assert (done.returncode, "there are no programs to verify" in done.stderr) == (2, True)


def test_a_row_whose_image_cannot_be_read_ends_typed_and_the_others_run(data: DataSet, tmp_path: Path):
    questions = tmp_path / "questions.jsonl"
    lines = (data.root / "questions.jsonl").read_text().splitlines()
    bad = {**json.loads(lines[0]), "image": "gone.png"}
    questions.write_text("\n".join([json.dumps(bad), *lines[1:]]))
    options = ["--questions", str(questions), *data.options[2:]]
    done = vpd("verify", *options, "--tool", "detector=annotations", "--out", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    first, *others = [e for e in rows(tmp_path / "r", "executions") if e["index"] == 0]
    assert (first["status"], "gone.png" in first["error"]["message"]) == ("error", True)
    assert {e["status"] for e in others} == {"ok"}


def test_one_tool_is_tried_on_one_image(data: DataSet, tmp_path: Path):
    image = data.root / "images" / "0000.png"
    options = [
        "--set",
        f"annotations={data.root / 'annotations.jsonl'}",
        "--set",
        f"images={data.root / 'images'}",
    ]
    done = vpd(
        "tools", "try", "detector=annotations", image, "disc", *options, "--out", tmp_path / "seen.png"
    )
    assert done.returncode == 0, done.stderr
    assert "disc" in done.stdout
    assert (tmp_path / "seen.png").exists()


def test_the_tools_are_listed_by_role():
    listed = vpd("tools", "list").stdout
    assert all(name in listed for name in ("detector", "annotations", "rapidocr", "answerer"))


@pytest.mark.parametrize(("preset", "kept"), [("paper", True), ("evidence", False)])
def test_a_program_that_never_looks_is_kept_for_its_answer_alone_or_not_at_all(
    data: DataSet, tmp_path: Path, preset: str, kept: bool
):
    """Among the candidates is one that always says "2", and "2" is the label of some questions."""
    files = {
        n: str(data.root / (n if n == "images" else f"{n}.jsonl"))
        for n in ("questions", "images", "annotations")
    }
    recipe = tmp_path / "recipe.yaml"
    text = {
        "data": {**files, "candidates": str(data.root / "candidates.jsonl")},
        "tools": {"detector": {"name": "annotations"}},
        "verification": {"preset": preset},
    }
    recipe.write_text(json.dumps(text))
    assert vpd("verify", recipe, "--out", tmp_path / "r", "--cache", tmp_path / "c").returncode == 0
    guesses = [v for v in rows(tmp_path / "r", "verdicts") if v["index"] == 2 and v["score"] == 1]
    assert guesses
    assert all(v["kept"] is kept for v in guesses)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("verdicts", "--to", "x"), "--to writes the training rows only"),
        (("--as", "parquet"), "--as parquet needs --to FOLDER"),
    ],
)
def test_options_that_an_export_would_not_heed_are_refused(
    run: Path, arguments: tuple[str, ...], complaint: str
):
    done = vpd("export", run, *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr


def test_ctrl_c_ends_in_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vpd.commands.demo.run_demo", interrupted)
    monkeypatch.setattr("sys.argv", ["vpd", "demo"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "stopped; run the same command again to continue\n"
