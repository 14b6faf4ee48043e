"""Scenes with questions, and the command line, for the tests of evaluations."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

from tests.language_models.server import Server
from tests.scenes import DataSet, draw
from vpd.cli import main
from vpd.evaluation.benchmark import load_benchmark
from vpd.evaluation.loading import Asked


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def vpd(*arguments: str | Path) -> Done:
    """Run a command as a user types it, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["vpd", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def scenes(root: Path, count: int) -> DataSet:
    """Scenes with a question of its own each: equal requests would be answered once."""
    data = draw(root, count)
    path = root / "questions.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for number, line in enumerate(lines):
        line["question"] = f"#{number} {line['question']}"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return data


def mine(data: DataSet, limit: int | None = None) -> Asked:
    path = data.root / "questions.jsonl"
    return Asked(load_benchmark(str(path)), questions=path, data=data.root / "images", limit=limit)


def settings(folder: Path, server: Server, **values: object) -> Path:
    """An endpoint's YAML file; JSON is YAML."""
    path = folder / "always-two.yaml"
    path.write_text(json.dumps({"model": "m", "base_url": server.url, "api_key_env": None} | values))
    return path
