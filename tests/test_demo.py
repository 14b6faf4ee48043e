"""`vpd demo`: the whole job, offline, with a language model that writes the programs."""

import subprocess
import sys
from pathlib import Path

import pytest

from vpd.store import Run


@pytest.mark.slow
def test_it_draws_runs_judges_and_distils(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "vpd", "demo", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    run = Run(tmp_path / "run")
    verdicts = list(run.verdicts.rows())
    questions = {verdict.example_id for verdict in verdicts}
    assert len({v.example_id for v in verdicts if v.correct}) > 0.7 * len(questions)
    assert any(v.correct and not v.kept for v in verdicts)
    assert {row.task for row in run.rows.rows()} == {"label", "rationale", "trajectory"}
    assert (tmp_path / "run" / "report" / "index.html").is_file()
