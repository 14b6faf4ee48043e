"""`vpd sample`, `vpd run` and `vpd cache`, as a user types them."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.language_models.server import error
from tests.pipeline.said import Said, cells
from tests.pipeline.world import RIGHT, ScriptedWorld, asked, writer

KEY = "key-93c1f07ab2"
PRICES = {"input": 2.0, "output": 10.0}
ONE: dict[str, Any] = {"rounds": [{"samples": 2, "temperature": 0.5}]}


def write(world: ScriptedWorld, **sampling: Any) -> Path:
    recipe = world.root / "recipe.yaml"
    recipe.write_text(json.dumps(world.values(**(ONE | sampling))))
    return recipe


def places(world: ScriptedWorld) -> list[str | Path]:
    return ["--out", world.run.root, "--cache", world.responses.parent]


@pytest.fixture
def here(world: Callable[..., ScriptedWorld]) -> ScriptedWorld:
    return world(writer(lambda a: f"# {a.sample}\n{RIGHT}"), questions=4, model={"prices": PRICES})


class TestSample:
    def test_it_says_what_was_drawn_and_spent(self, here: ScriptedWorld, vpd: Callable[..., Said]):
        said = vpd("sample", write(here), *places(here))
        assert said.status == 0
        assert cells(said, "1") == ["1", "4", "4", "4", "0", "–", "40", "40"]
        assert "paid for 4 replies: 80 tokens, 0.00048 in money" in said.output
        assert "round 1: 4 of 4; 0 accepted, 40 tokens in, 40 out, cost 0.00048" in said.errors
        assert "requests/s" in said.errors

    def test_a_dry_run_asks_nothing_and_needs_no_key(
        self, here: ScriptedWorld, vpd: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.delenv("NO_SUCH_KEY", raising=False)
        here.model |= {"api_key_env": "NO_SUCH_KEY"}
        said = vpd("sample", write(here, max_tokens=100), *places(here), "--dry-run")
        assert cells(said, "requests") == ["requests", "4"]
        assert cells(said, "completions")[1] == "8"
        assert float(cells(said, "cost")[1]) > 8 * 100 * 10e-6
        assert here.server.log == []
        assert not here.run.recipe.exists()

    def test_what_is_in_the_cache_is_not_in_the_estimate(self, here: ScriptedWorld, vpd: Callable[..., Said]):
        recipe = write(here)
        vpd("sample", recipe, *places(here), "--limit", "3")
        said = vpd("sample", recipe, *places(here), "--dry-run")
        assert "6 more are in the cache" in said.output

    def test_a_spent_budget_is_a_warning_and_a_higher_one_continues(
        self, here: ScriptedWorld, vpd: Callable[..., Said]
    ):
        here.model |= {"max_concurrency": 1}
        recipe = write(here)
        said = vpd("sample", recipe, *places(here), "--max-tokens-total", "30")
        assert said.status == 0
        assert "warning: the budget is used up: 40 of 30 tokens" in said.errors
        assert len(here.server.log) == 2
        assert vpd("sample", recipe, *places(here), "--max-cost", "0.0003").status == 0
        assert len(here.server.log) == 3
        assert vpd("sample", recipe, *places(here)).status == 0
        assert len(here.server.log) == 4

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["--round", "2"], "the recipe has 1 rounds"),
            (["--cache", "recipe.yaml"], "is a file; name a folder"),
            (["--max-cost", "1"], "needs prices"),
        ],
    )
    def test_a_mistake_gets_one_sentence(
        self, here: ScriptedWorld, vpd: Callable[..., Said], arguments: list[str], complaint: str
    ):
        here.model.clear()
        recipe = write(here)
        arguments = [str(recipe) if a == "recipe.yaml" else a for a in arguments]
        said = vpd("sample", recipe, *places(here), *arguments)
        assert (said.status, complaint in said.errors) == (2, True), said

    def test_a_recipe_without_language_model_says_how_to_name_one(
        self, here: ScriptedWorld, vpd: Callable[..., Said]
    ):
        recipe = write(here)
        values = json.loads(recipe.read_text())
        del values["sampling"]
        recipe.write_text(json.dumps(values))
        said = vpd("sample", recipe, *places(here))
        assert (said.status, "add `sampling: {model:" in said.errors) == (2, True)


class TestRun:
    def test_it_draws_verifies_and_says_how_it_went(self, here: ScriptedWorld, vpd: Callable[..., Said]):
        recipe = write(here)
        said = vpd("run", recipe, *places(here))
        assert said.status == 0, said.errors
        assert cells(said, "1") == ["1", "4", "4", "4", "0", "4", "40", "40"]
        assert "Accuracy with detector=annotations" in said.output
        sent = len(here.server.log)
        assert vpd("run", recipe, *places(here)).status == 0
        assert len(here.server.log) == sent
        assert "every round has been drawn" in vpd("run", recipe, *places(here), "--dry-run").output

    def test_an_endpoint_that_answers_nothing_ends_it(
        self, world: Callable[..., ScriptedWorld], vpd: Callable[..., Said]
    ):
        silent = world(lambda _: error(500), questions=2, model={"max_attempts": 1})
        said = vpd("run", write(silent), *places(silent))
        assert said.status == 2
        assert "2 questions of round 1 got no reply: " in said.errors
        assert "round 1 got no reply at all; the same command asks again" in said.errors

    def test_a_dry_run_says_what_the_first_round_costs_and_how_much_may_follow(
        self, here: ScriptedWorld, vpd: Callable[..., Said]
    ):
        recipe = write(here, rounds=[{"samples": 1}, {"samples": 3}])
        said = vpd("run", recipe, *places(here), "--dry-run")
        assert "Round 1 would ask for" in said.output
        assert "at most 3 samples more for each question" in said.output
        assert here.server.log == []


class TestCache:
    def test_it_lists_prunes_and_clears(self, here: ScriptedWorld, vpd: Callable[..., Said]):
        vpd("sample", write(here), *places(here))
        cache = ["--cache", here.responses.parent]
        assert cells(vpd("cache", "list", *cache), "m")[:6] == ["m", here.server.url, "4", "8", "40", "40"]
        assert vpd("cache", "prune", *cache).status == 2
        assert "removed 0 requests" in vpd("cache", "prune", "--older-than", "1", *cache).output
        assert "removed 4 requests with 8 replies" in vpd("cache", "clear", "--yes", *cache).output

    def test_a_cache_that_is_not_there_is_named_and_not_made(
        self, here: ScriptedWorld, vpd: Callable[..., Said]
    ):
        said = vpd("cache", "list", "--cache", here.root / "gone")
        assert (said.status, "gone/responses.sqlite" in said.errors) == (2, True)
        assert not (here.root / "gone").exists()

    def test_it_explains_why_a_request_is_not_there(self, here: ScriptedWorld, vpd: Callable[..., Said]):
        vpd("sample", write(here), *places(here))
        explain = ["cache", "explain"]
        said = vpd(*explain, write(here), "q1", *places(here))
        assert "In the cache: samples 0, 1 of request" in said.output
        warmer = [{"samples": 2, "temperature": 0.9}]
        said = vpd(*explain, write(here, rounds=warmer), "q1", *places(here))
        assert cells(said, "temperature") == ["temperature", "0.9", "0.5"]
        said = vpd(*explain, write(here), "q99", *places(here))
        assert "round 1 does not ask a question with the id 'q99'" in said.errors


def test_the_key_appears_in_nothing_that_a_run_writes_or_says(
    here: ScriptedWorld,
    vpd: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("VPD_TEST_KEY", KEY)
    here.model |= {"api_key_env": "VPD_TEST_KEY", "max_attempts": 1}
    healthy = here.server.script
    faults = {1: error(400, f"malformed: {KEY}"), 2: error(500, f"Bearer {KEY}", code=KEY)}
    here.server.script = lambda e: faults.get(asked(e)[0]) or healthy(e)
    recipe = write(here)
    said = [vpd("sample", recipe, *places(here), "--dry-run"), vpd("run", recipe, *places(here))]
    here.server.script = lambda _: error(401, f"wrong key: {KEY}")
    said.append(vpd("run", recipe, *places(here)))
    here.server.script = healthy
    said += [vpd("report", here.run.root), vpd("export", here.run.root, "candidates")]
    said += [vpd("cache", "list", "--cache", here.responses.parent)]
    said += [vpd("cache", "explain", recipe, "q1", *places(here))]
    assert [s.status for s in said] == [0, 0, 2, 0, 0, 0, 0]
    assert {e.headers["authorization"] for e in here.server.log} == {f"Bearer {KEY}"}
    assert "***" in said[2].errors
    assert KEY not in caplog.text
    assert not [s for s in said if KEY in s.output + s.errors]
    written = [path for path in here.root.rglob("*") if path.is_file() and path != recipe]
    assert len(written) > 20
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
    tables = [here.run.round(1).candidates, here.run.candidates, here.run.executions, here.run.verdicts]
    assert not [row for table in tables for row in table.rows() if KEY in row.model_dump_json()]
