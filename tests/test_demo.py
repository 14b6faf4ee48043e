"""`vpd demo`: every stage, offline, with the bundled models."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vpd.commands.demo import run_demo
from vpd.errors import UserError
from vpd.log import Log
from vpd.recipe import load_recipe
from vpd.resources import resource
from vpd.store import Run

MODELS = ("coder", "detector", "scorer", "depth", "vqa", "vlm")
SYSTEMS = ("student", "twin", "base", "programs")


def command(out: Path) -> list[str]:
    small = ("--questions", "24", "--held-out", "12")
    return [sys.executable, "-m", "vpd", "demo", "--out", str(out), *small]


def demo(out: Path) -> str:
    done = subprocess.run(command(out), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def interrupt(out: Path, at: str) -> None:
    """Press Ctrl-C when a line of the output begins so."""
    # Where the tests run in the background of a shell, children would ignore it.
    heard = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    piped: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **heard}
    with subprocess.Popen(command(out), **piped) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith(at):
                running.send_signal(signal.SIGINT)
                break
        assert "run the same command again to continue" in running.communicate()[1]
        assert running.returncode == 130


def figures(said: str) -> str:
    """The closing tables, but for the times."""
    return said[said.index("[6/6]") : said.index("Seconds a question")]


@pytest.mark.slow
def test_it_goes_through_every_stage_goes_on_after_ctrl_c_and_repeats_its_figures(tmp_path: Path):
    if not all((resource("data", "tabletop") / name).is_dir() for name in MODELS):
        pytest.skip("the weights are not in data/tabletop")
    interrupt(tmp_path, "[3/6]")
    said = demo(tmp_path)
    run = Run(tmp_path / "run")
    started = Counter(entry["stage"] for entry in Log(run.log).read("stage started"))
    assert started["round 1"] == started["training rows"] == 1
    assert {row.task for row in run.rows.rows()} == {"label", "rationale", "trajectory"}
    assert any(verdict.correct and not verdict.kept for verdict in run.verdicts.rows())
    assert all(any(line.split()[:1] == [name] for line in said.splitlines()) for name in SYSTEMS)
    assert (run.root / "report" / "index.html").is_file()
    assert (run.root / "evaluation" / "report" / "index.html").is_file()
    given, done = load_recipe(resource("recipes", "tabletop.yaml")), load_recipe(run.recipe)
    assert (done.tools, done.sampling, done.finetune) == (given.tools, given.sampling, given.finetune)
    assert figures(demo(tmp_path)) == figures(said)


@pytest.mark.parametrize("name", MODELS)
def test_it_names_the_model_that_is_missing(tmp_path: Path, name: str):
    text = resource("recipes", "tabletop.yaml").read_text(encoding="utf-8")
    recipe = tmp_path / "recipes" / "tabletop.yaml"
    recipe.parent.mkdir()
    recipe.write_text(text, encoding="utf-8")
    for other in MODELS:
        (tmp_path / "data" / "tabletop" / other).mkdir(parents=True)
    (tmp_path / "data" / "tabletop" / name).rmdir()
    with pytest.raises(UserError, match=f"the demo's {name} are missing.*vpd tabletop train {name}"):
        run_demo(tmp_path / "out", 24, 12, recipe)
    assert not (tmp_path / "out").exists()
