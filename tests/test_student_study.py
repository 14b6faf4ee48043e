"""The study of student and twin: what it computes, and one of toy size from questions to report."""

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from benchmarks.__main__ import main as benchmarks
from benchmarks.results import Report
from benchmarks.student_study.plan import read_plan
from benchmarks.student_study.report import compared, write
from benchmarks.student_study.scores import choose_rate, clear_of_zero, over_seeds
from benchmarks.student_study.study import SYSTEMS, run_study
from tests.tiny_vlm import build_tiny_vlm
from vpd.evaluation.intervals import paired_difference
from vpd.log import Log
from vpd.resources import resource
from vpd.training import curve


def test_the_rate_of_the_highest_accuracy_is_chosen():
    assert choose_rate({1e-4: 0.4, 1e-3: 0.6, 1e-2: 0.5}) == (1e-3, 0.6, False)


def test_of_equally_good_rates_the_lowest_is_chosen():
    assert choose_rate({1e-2: 0.6, 1e-3: 0.6, 1e-4: 0.5}).rate == 1e-3


@pytest.mark.parametrize("best", [1e-4, 1e-2])
def test_a_rate_at_an_end_of_the_grid_is_said_to_be_so(best: float):
    assert choose_rate(dict.fromkeys((1e-4, 1e-3, 1e-2), 0.5) | {best: 0.6}).at_edge


def test_a_single_rate_is_at_no_end():
    assert not choose_rate({1e-3: 0.6}).at_edge


def test_one_training_has_the_paired_interval_over_questions():
    rng = np.random.default_rng(1)
    student, twin = rng.random(400) < 0.6, rng.random(400) < 0.5
    expected = paired_difference(student, twin, np.random.default_rng(0))
    assert over_seeds([student.astype(float) - twin]) == pytest.approx(expected, abs=0.005)


def test_equal_trainings_are_as_sure_as_one():
    one = (np.random.default_rng(1).random(400) < 0.6).astype(float)
    assert over_seeds([one] * 3) == pytest.approx(over_seeds([one]), abs=0.005)


def test_trainings_that_differ_widen_the_interval_by_the_variance_of_their_mean():
    by_seed = np.array([0.40, 0.50, 0.60])
    found = over_seeds(np.repeat(by_seed[:, None], 10, axis=1), resamples=20_000)
    # Three trainings of standard deviation 0.1: the mean's is 0.1 / sqrt(3). A resample of three takes ten values,
    # of which the outermost two have 1/27 each, so the quantiles lie at them.
    assert found.estimate == pytest.approx(0.5)
    assert (found.high - found.low) / 2 == pytest.approx(0.1 * np.sqrt(3 / 2), abs=1e-6)


def test_intervals_cover_the_truth_where_trainings_and_questions_vary():
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(100):
        shift = 0.05 + 0.02 * rng.standard_normal((3, 1)) + 0.3 * rng.standard_normal(200)
        found = over_seeds(shift + 0.3 * rng.standard_normal((3, 200)), resamples=500)
        covered += found.low <= 0.05 <= found.high
    assert covered >= 90


def test_scores_that_are_all_alike_are_not_certain():
    assert over_seeds(np.zeros((3, 21))) == pytest.approx((0, -0.161, 0.161), abs=0.001)


def test_scores_of_no_trainings_are_refused():
    with pytest.raises(ValueError, match="trainings and questions"):
        over_seeds(np.zeros((0, 5)))


def test_a_difference_is_claimed_where_the_interval_and_every_seed_agree():
    each = np.tile([1.0, 0, 0, 0], (3, 100))
    found = over_seeds(each)
    assert clear_of_zero(found)
    assert compared("its twin", found, each).startswith("25.0 points better than its twin (95 %: +")


def test_a_difference_that_noise_can_explain_is_no_claim():
    each = np.tile([1.0, -1.0, 0, 0], (3, 25))
    each[:, 0] = 1
    assert compared("its twin", over_seeds(each), each).endswith("chance may be all that this is.")


def test_a_difference_that_one_seed_contradicts_is_no_claim():
    each = np.concatenate([np.ones((8, 400)), -0.001 * np.ones((1, 400))])
    found = over_seeds(each)
    assert clear_of_zero(found)
    assert compared("its twin", found, each).endswith("chance may be all that this is.")


def test_without_a_base_the_command_says_what_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "student", "--seeds", "1", "--base", str(tmp_path)])
    with pytest.raises(SystemExit):
        benchmarks()
    assert "`vpd tabletop train vlm` makes one" in capsys.readouterr().err


def test_the_report_names_the_options_that_were_given(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    plan = read_plan(["--base", str(tmp_path), "--rates", "1e-3,3e-3", "--seeds", "2", "--work", "elsewhere"])
    assert "--rates 0.001,0.003" in plan.command
    assert "--seeds 2" in plan.command
    assert "elsewhere" not in plan.command


@pytest.mark.timeout(900)
def test_a_study_from_questions_to_report(tmp_path: Path):
    import torch

    torch.set_num_threads(1)
    values = {
        "data": {"questions": "q.jsonl", "images": ".", "annotations": "a.jsonl"},
        "tools": {"detector": {"name": "annotations"}},
        "sampling": {
            "model": {
                "provider": "transformers",
                "model": str(resource("data", "tabletop", "coder")),
                "device": "cpu",
                "dtype": "float32",
                "batch_size": 64,
            },
            "rounds": [{"samples": 1, "temperature": 0.2}],
            "max_tokens": 120,
        },
        "verification": {"preset": "paper"},
    }
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(values))
    options = (
        "--labels 12,24 --seeds 2 --test 21 --validation 21 --rates 1e-3 --steps 2 --batch 4 --programs 1"
    )
    plan = read_plan(
        [
            *options.split(),
            *("--recipe", str(tmp_path / "recipe.yaml")),
            *("--base", str(build_tiny_vlm(tmp_path / "base"))),
            *("--work", str(tmp_path / "work")),
            *("--out", str(tmp_path / "out")),
        ]
    )
    results = run_study(plan)
    write(plan, results)
    text = (tmp_path / "out" / "student.md").read_text()

    assert set(results.models) == {(system, labels) for system in SYSTEMS for labels in (12, 24)}
    assert all(each.shape == (2, 21) for each in results.models.values())
    assert results.base.ids == results.programs.ids
    assert 0 < results.rationales[12] <= results.rationales[24] <= 24
    assert (tmp_path / "out" / "student.png").stat().st_size > 0
    for part in (
        "| student | 24 |",
        "| 24 labels |",
        "| student, by a rationale | 24 |",
        "| exists | 1 |",
        "times as long.",
        "2 seeds",
    ):
        assert part in text
    assert plan.command in text

    # Both learn the same labels in every step; the student its rationales too.
    trained = {re.sub("-[0-9a-f]{10}$", "", each.name): each for each in (plan.work / "models").iterdir()}
    student, twin = (
        curve.read(trained[f"{kind}-24-0.001-0"] / "losses.jsonl") for kind in ("student", "twin")
    )
    assert [step.rows["label"] for step in student] == [step.rows["label"] for step in twin] == [4, 4]
    assert any("rationale" in step.rows for step in student)
    assert all("rationale" not in step.rows for step in twin)

    # What is done is not done again, and what is missing alone is made.
    log = Log(plan.work / "log.jsonl")
    done = len(list(log.read("fine-tuned")))
    lost = next(each for name, each in trained.items() if name.endswith("-1"))
    shutil.rmtree(lost)
    again = run_study(plan)
    assert [entry["model"] for entry in log.read("fine-tuned")][done:] == [lost.name]
    for key, each in results.models.items():
        assert np.array_equal(each, again.models[key])


def test_a_report_has_paragraphs_beside_its_tables(tmp_path: Path):
    report = Report("small", tmp_path, "python -m benchmarks small --quick")
    report.table(("a", "b"), [(1, 2)])
    report.text("One.", "Two.")
    report.write("What it is.")
    text = (tmp_path / "small.md").read_text()
    assert text.endswith("| 1 | 2 |\n\nOne.\n\nTwo.\n")
    assert "with `python -m benchmarks small --quick`." in text
