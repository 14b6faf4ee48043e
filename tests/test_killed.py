"""A run that is killed at any moment, again and again, ends as if nothing had happened."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scenes import draw
from vpd.execution.cache import result_key
from vpd.store import Run

KILLS = 30


def command(root: Path, name: str) -> list[str]:
    recipe = root / f"{name}.yaml"
    recipe.write_text(
        json.dumps(
            {
                "data": {
                    "questions": "data/questions.jsonl",
                    "images": "data/images",
                    "annotations": "data/annotations.jsonl",
                    "candidates": "data/candidates.jsonl",
                    "shard_size": 4,
                },
                # JSON is YAML.
                "tools": {"detector": {"name": "counting", "seconds": 0.02}},
                "execution": {"concurrency": 8},
            }
        )
    )
    program = "from vpd.cli import main; main()"
    return [
        *(sys.executable, "-c", program, "verify", str(recipe)),
        *("--out", str(root / name), "--cache", str(root / f"{name}.sqlite")),
    ]


def start(root: Path, name: str) -> subprocess.Popen[bytes]:
    plugin = str(Path(__file__).parent / "plugin")
    environment = {**os.environ, "PYTHONPATH": plugin, "VPD_COUNTING_LOG": str(root / "calls.jsonl")}
    return subprocess.Popen(
        command(root, name), env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )


def calls(root: Path) -> list[bytes]:
    """The cache keys of the calls that reached the tool, in order."""
    keys = []
    log = root / "calls.jsonl"
    for line in log.read_text().splitlines() if log.exists() else []:
        service, sha256, box, rest = json.loads(line)
        keys.append(result_key(service, "counting", sha256, str(tuple(box)), json.dumps(rest)))
    return keys


def cached(path: Path) -> set[bytes]:
    if not path.exists():
        return set()
    with sqlite3.connect(path) as db:
        try:
            return {key for (key,) in db.execute("SELECT key FROM results")}
        except sqlite3.OperationalError:
            return set()  # killed before the table was made


def finished(root: Path) -> bool:
    return len(Run(root / "killed").verdicts) == len(Run(root / "unbroken").verdicts)


def tables(run: Run) -> dict[str, list[bytes]]:
    return {
        name: [table.path(shard).read_bytes() for shard in range(len(table))]
        for name, table in run.tables.items()
    }


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_run_killed_thirty_times_gives_the_same_tables_and_repeats_no_cached_call(tmp_path: Path):
    draw(tmp_path / "data", 60)
    assert start(tmp_path, "unbroken").wait() == 0
    expected = tables(Run(tmp_path / "unbroken"))

    rng = random.Random(7)
    kills = 0
    while kills < KILLS or not finished(tmp_path):
        before, known = len(calls(tmp_path)), cached(tmp_path / "killed.sqlite")
        process = start(tmp_path, "killed")
        try:
            assert process.wait(rng.uniform(0.2, 2.0) if kills < KILLS else None) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
        assert not known & set(calls(tmp_path)[before:]), "a call that was in the cache was repeated"
        if finished(tmp_path):
            assert tables(Run(tmp_path / "killed")) == expected
            if kills < KILLS:  # it got through between two kills: begin anew
                shutil.rmtree(tmp_path / "killed")
                (tmp_path / "killed.sqlite").unlink()


@pytest.mark.slow
def test_the_same_command_again_does_no_work(tmp_path: Path):
    draw(tmp_path / "data", 8)
    assert start(tmp_path, "run").wait() == 0
    made = len(calls(tmp_path))
    shards = {p: p.stat().st_mtime_ns for p in (tmp_path / "run").rglob("*.parquet")}
    started = time.monotonic()
    assert start(tmp_path, "run").wait() == 0
    assert len(calls(tmp_path)) == made
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "run").rglob("*.parquet")} == shards
    assert time.monotonic() - started < 30
