"""`vpd evaluate --recipe`: programs for the questions held out, and all that a run holds, compared on them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.said import Said, cells
from tests.pipeline.world import RIGHT, WRONG, ScriptedWorld, writer
from vpd.store import Run

ROUNDS = [{"samples": 1, "temperature": 0.5}, {"samples": 2, "temperature": 0.9}]


@pytest.fixture
def here(world: Callable[..., ScriptedWorld]) -> ScriptedWorld:
    return world(writer(lambda asked: RIGHT if asked.sample % 3 else WRONG), questions=4)


def write(world: ScriptedWorld, **values: object) -> Path:
    recipe = world.root / "recipe.yaml"
    recipe.write_text(json.dumps(world.values(rounds=ROUNDS) | values))
    return recipe


def evaluation(**values: object) -> dict[str, object]:
    return {"evaluation": {"benchmark": "data/questions.jsonl", "data": "data/images", **values}}


def test_programs_are_drawn_for_the_held_out_questions_all_at_once(
    here: ScriptedWorld, vpd: Callable[..., Said], tmp_path: Path
):
    recipe, out = write(here, **evaluation(samples=3, limit=3)), tmp_path / "evaluation"
    said = vpd("evaluate", "--recipe", recipe, "--out", out, "--cache", tmp_path / "cache")
    assert said.status == 0, said.errors
    programs = Run(out / "programs")
    assert {(row.round, row.weight) for row in programs.candidates.rows()} == {(1, 1), (1, 2)}
    assert len(list(programs.examples.rows())) == 3
    assert cells(said, "programs")[:3] == ["programs", "100.0", "%"]  # the vote of two against one
    asked = len(here.server.log)
    again = vpd("evaluate", "--recipe", recipe, "--out", out, "--cache", tmp_path / "cache")
    assert again.output == said.output
    assert len(here.server.log) == asked


def test_a_run_directory_holds_its_own_recipe_and_evaluation(
    here: ScriptedWorld, vpd: Callable[..., Said], tmp_path: Path
):
    cache = ("--cache", tmp_path / "cache")
    vpd("run", write(here, **evaluation(samples=3)), "--out", here.run.root, *cache)
    said = vpd("evaluate", "--recipe", here.run.root, *cache)
    assert said.status == 0, said.errors
    assert (here.run.root / "evaluation" / "report" / "index.html").is_file()


def test_a_dry_run_draws_nothing(here: ScriptedWorld, vpd: Callable[..., Said], tmp_path: Path):
    recipe = write(here, **evaluation(), finetune={"model": str(tmp_path)})
    (tmp_path / "config.json").write_text("{}")
    said = vpd("evaluate", "--recipe", recipe, "--out", tmp_path / "evaluation", "--dry-run")
    assert said.status == 0, said.errors
    assert "base" in said.output
    assert here.server.log == []


def test_a_recipe_without_evaluation_says_what_to_add(here: ScriptedWorld, vpd: Callable[..., Said]):
    said = vpd("evaluate", "--recipe", write(here))
    assert said.status == 2
    assert "add `evaluation: {benchmark: NAME}`" in said.errors


def test_a_recipe_of_which_nothing_is_there_says_how_to_make_it(
    here: ScriptedWorld, vpd: Callable[..., Said], tmp_path: Path
):
    values = here.values() | evaluation()
    del values["sampling"]
    recipe = here.root / "recipe.yaml"
    recipe.write_text(json.dumps(values))
    said = vpd("evaluate", "--recipe", recipe, "--out", tmp_path / "evaluation")
    assert said.status == 2
    assert "neither a student nor programs" in said.errors
