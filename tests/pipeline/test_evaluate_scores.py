"""What the report of an evaluation is made from."""

import json
from pathlib import Path

import pytest

from tests.evaluation.asked import definition, directly, endpoint, evaluate, replier
from tests.evaluation.stand_ins import STAND_INS, write
from tests.language_models.server import Server, reply
from tests.pipeline.evaluating import mine, scenes, settings, vpd
from vpd.evaluation.benchmark import load_benchmark
from vpd.evaluation.folder import EvaluationFolder
from vpd.evaluation.loading import Asked
from vpd.pipeline.evaluate_scores import comparison_table, run_seconds, score_all, section
from vpd.records import Example
from vpd.store import Run


def log(run: Run, *entries: tuple[str, str, int]) -> None:
    """Entries as event, stage and second."""
    lines = (
        {"time": f"2026-01-01T00:{at // 60:02}:{at % 60:02}+00:00", "event": f"stage {event}", "stage": stage}
        for event, stage, at in entries
    )
    run.log.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_the_seconds_of_programs_are_those_of_drawing_and_running_the_first_round(tmp_path: Path):
    run = Run(tmp_path)
    run.examples.write(0, [Example(id=name, images=(), question="?") for name in "ab"], "")
    assert run_seconds(tmp_path) is None
    log(
        run,
        ("started", "round 1", 0),
        ("started", "round 1", 50),  # the first time it was interrupted
        ("finished", "round 1", 60),
        ("started", "executions", 60),
        ("finished", "executions", 90),
        ("started", "round 2", 100),
        ("finished", "round 2", 200),
        ("started", "executions", 200),
        ("finished", "executions", 300),
    )
    assert run_seconds(tmp_path) == (10 + 30) / 2


def test_questions_without_references_stand_in_no_ones_way(tmp_path: Path):
    data, unlabelled = scenes(tmp_path / "data", 3), scenes(tmp_path / "unlabelled", 3)
    path = unlabelled.root / "questions.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path = path.rename(unlabelled.root / "bare.jsonl")
    path.write_text(
        "".join(json.dumps({k: v for k, v in line.items() if k != "answer"}) + "\n" for line in lines)
    )
    told = ["--out", tmp_path / "e", "--cache", tmp_path]
    bare = ["--benchmark", path, "--data", unlabelled.root / "images"]

    done = vpd("evaluate", *bare, *told)
    assert done.returncode == 0, done.stderr
    assert "bare/questions.jsonl" in done.stdout
    with Server(lambda _: reply("2")) as server:
        done = vpd("evaluate", settings(tmp_path, server), *bare, *told)
        assert done.returncode == 0, done.stderr
        assert "bare has no reference answers to score by" in done.stdout
        evaluate(tmp_path / "e", mine(data), directly(endpoint(server)))
    assert [each.folder.name for each in score_all(EvaluationFolder(tmp_path / "e"))] == ["questions"]


def test_the_mark_beside_a_rotation_is_that_of_its_own_answer(tmp_path: Path):
    pytest.importorskip("datasets")
    stand_in = STAND_INS["mmbench"]()
    asked = Asked(load_benchmark("mmbench"), data=write(stand_in, tmp_path / "data"))
    with replier(stand_in.replies) as server:
        scored = evaluate(tmp_path / "e", asked, directly(endpoint(server)))
    shown = section(scored)
    marks = {example.id: (example.choices[1], example.answers[0].right) for example in shown.examples}
    assert marks == {
        "7": ("B. y", True),
        "1000007": ("B. x", True),
        "8": ("B. q", True),
        "1000008": ("B. p", False),
    }
    assert "under every rotation (endpoint: 2)" in shown.tables[0].note


def test_an_auroc_that_is_not_defined_is_no_figure(tmp_path: Path):
    data = scenes(tmp_path / "data", 2)
    path = data.root / "questions.jsonl"
    lines = [json.loads(line) | {"answer": "yes"} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked = Asked(definition(metric="auroc"), path, data.root / "images")
    with Server(lambda _: reply("yes")) as server:
        names = ("a", "b")
        scored = evaluate(tmp_path / "e", asked, *(directly(endpoint(server, name)) for name in names))
    shown = section(scored)
    assert [row[1:3] for row in shown.tables[0].rows] == [("not defined", None)] * 2
    assert list(comparison_table(scored)[0].rows[0][1:4]) == ["not defined", None, None]
    assert all(not row.marks for row in shown.plot)
