"""`vpd distill`: from kept programs to rationales and training rows; resume, budget, cache, and what it refuses."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.language_models.server import Answer, Exchange, error, reply
from tests.pipeline.said import Said, cells
from tests.pipeline.world import ScriptedWorld
from vpd.distillation.rationale import prompt
from vpd.records import Rationale, TrainingRow
from vpd.resources import resource
from vpd.store import Run

Vpd = Callable[..., Said]

COUNT = """def execute_command(image):
    discs = image.find("{colour} disc")
    return str(len(discs))
"""
PRICES = {"input": 2.0, "output": 10.0}
NINE = 'def execute_command(image):\n    return "9"\n'


def colour_of(question: str) -> str:
    return question.split()[2]


def told(exchange: Exchange) -> str:
    """A rationale that follows from the facts of a prompt."""
    facts = exchange.prompt.rpartition("Facts:")[2]
    lines = [line.removeprefix("- ") for line in facts.splitlines() if line.startswith("- ")]
    return ". ".join(f"{line[0].upper()}{line[1:]}" for line in lines) + "."


def honest(exchange: Exchange) -> Answer:
    return reply(*[told(exchange)] * exchange.n)


@pytest.fixture
def here(world: Callable[..., ScriptedWorld]) -> ScriptedWorld:
    """Six questions, of which the last one has no right program, and the fifth no label."""
    made = world(honest, questions=6)
    data = made.root / "data"
    questions = [json.loads(line) for line in (data / "questions.jsonl").read_text().splitlines()]
    del questions[4]["answer"]
    (data / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in questions))
    programs = [
        {"example_id": q["id"], "programs": [NINE, COUNT.replace("{colour}", colour_of(q["question"]))]}
        for q in questions
    ]
    programs[4]["programs"] = programs[4]["programs"][1:]
    programs[5]["programs"] = [NINE]
    (data / "candidates.jsonl").write_text("".join(json.dumps(row) + "\n" for row in programs))
    return made


def recipe(world: ScriptedWorld, model: dict[str, Any] | None = None, **distillation: Any) -> Path:
    values = world.values()
    chosen = values.pop("sampling")["model"] | (model or {})
    values["data"]["candidates"] = "data/candidates.jsonl"
    values["distillation"] = distillation
    if model is not None:
        values["distillation"]["rationales"] = {
            "model": chosen, "variants": 2, "rewrites": 1, **distillation.get("rationales", {})
        }  # fmt: skip
    path = world.root / "recipe.yaml"
    path.write_text(json.dumps(values))
    return path


def places(world: ScriptedWorld) -> list[str | Path]:
    return ["--out", world.run.root, "--cache", world.responses.parent]


def verified(world: ScriptedWorld, vpd: Vpd, **distillation: Any) -> Path:
    file = recipe(world, **distillation)
    said = vpd("verify", file, *places(world))
    assert said.status == 0, said.errors
    return file


def rows(run: Run) -> list[TrainingRow]:
    return list(run.rows.rows())


def tables(run: Run) -> dict[str, bytes]:
    return {
        str(path.relative_to(run.root)): path.read_bytes()
        for name in ("rationales", "rows")
        for path in sorted((run.root / name).glob("*.parquet"))
    }


def text(row: TrainingRow, role: str) -> str:
    assert isinstance(row.messages, list)
    said = [m["content"] for m in row.messages if isinstance(m, dict) and m["role"] == role]
    parts = said[-1] if isinstance(said[-1], list) else [{"type": "text", "text": said[-1]}]
    return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


class TestTemplates:
    def test_labelled_questions_give_labels_and_kept_programs_rationales(self, here: ScriptedWorld, vpd: Vpd):
        said = vpd("distill", verified(here, vpd, trajectories=None), *places(here))
        assert said.status == 0, said.errors
        made = Counter((row.example_id, row.task) for row in rows(here.run))
        labels = {f"q{n}" for n in (0, 1, 2, 3, 5)}
        assert {example for example, task in made if task == "label"} == labels
        assert {example for example, task in made if task == "rationale"} == {f"q{n}" for n in range(5)}
        assert set(made.values()) == {1}
        assert cells(said, "label")[:3] == ["label", "rows", "5"]
        assert cells(said, "rationale")[:3] == ["rationale", "rows", "5"]

    def test_a_row_asks_with_its_suffix_and_answers(self, here: ScriptedWorld, vpd: Vpd):
        vpd("distill", verified(here, vpd, trajectories=None), *places(here))
        [label, rationale] = [row for row in rows(here.run) if row.example_id == "q0"]
        question = next(here.run.examples.rows()).question
        assert text(label, "user") == f"{question} Answer with a single word or phrase."
        assert text(rationale, "user") == f"{question} Explain the rationale to answer the question."
        assert text(label, "assistant") == next(here.run.examples.rows()).answers[0]
        assert re.search(rf"the answer is {text(label, 'assistant')}\.$", text(rationale, "assistant"))
        assert label.images == rationale.images
        assert isinstance(rationale.provenance, dict)
        assert (rationale.provenance["program"], rationale.provenance["written_by"]) == (1, "template")

    def test_the_same_command_again_does_no_work(self, here: ScriptedWorld, vpd: Vpd):
        file = verified(here, vpd)
        vpd("distill", file, *places(here))
        before = tables(here.run)
        assert before
        assert vpd("distill", file, *places(here)).errors == ""
        assert tables(here.run) == before

    def test_a_lost_shard_comes_back_byte_for_byte(self, here: ScriptedWorld, vpd: Vpd):
        file = verified(here, vpd)
        vpd("distill", file, *places(here))
        before = tables(here.run)
        for table in (here.run.rationales, here.run.rows):
            table.path(1).unlink()
        vpd("distill", file, *places(here))
        assert tables(here.run) == before

    def test_a_limit_takes_the_first_questions_and_the_rest_follows(self, here: ScriptedWorld, vpd: Vpd):
        file = verified(here, vpd)
        said = vpd("distill", file, *places(here), "--limit", "3")
        assert {row.example_id for row in rows(here.run)} == {"q0", "q1", "q2"}
        assert "3 questions were left out by a limit" in said.output
        vpd("distill", file, *places(here))
        assert {row.example_id for row in rows(here.run)} == {f"q{n}" for n in range(6)}

    def test_what_is_not_asked_for_is_not_made(self, here: ScriptedWorld, vpd: Vpd):
        vpd("distill", verified(here, vpd, labels=False, rationales=None), *places(here))
        assert {row.task for row in rows(here.run)} <= {"trajectory"}
        assert len(list(here.run.rationales.rows())) == 5

    def test_a_run_directory_stands_for_its_recipe(self, here: ScriptedWorld, vpd: Vpd):
        verified(here, vpd)
        said = vpd("distill", here.run.root)
        assert said.status == 0, said.errors
        assert rows(here.run)

    def test_other_settings_make_other_rows_and_leave_the_rationales(self, here: ScriptedWorld, vpd: Vpd):
        vpd("distill", verified(here, vpd), *places(here))
        written = here.run.rationales.path(0).stat().st_mtime_ns
        vpd("distill", recipe(here, labels=False), *places(here))
        assert "label" not in {row.task for row in rows(here.run)}
        assert here.run.rationales.path(0).stat().st_mtime_ns == written

    def test_a_dry_run_says_that_nothing_is_asked(self, here: ScriptedWorld, vpd: Vpd):
        said = vpd("distill", verified(here, vpd), *places(here), "--dry-run")
        assert "templates write the rationales" in said.output
        assert not len(here.run.rows)


class TestMistakes:
    def test_a_run_that_is_not_there(self, here: ScriptedWorld, vpd: Vpd):
        said = vpd("distill", recipe(here), *places(here))
        assert (said.status, "holds no run" in said.errors) == (2, True)

    def test_a_run_without_verdicts(self, here: ScriptedWorld, vpd: Vpd):
        file = verified(here, vpd)
        here.run.verdicts.path(0).unlink()
        said = vpd("distill", file, *places(here))
        assert (said.status, "holds no verdicts yet; run `vpd verify`" in said.errors) == (2, True)

    def test_verdicts_of_another_recipe(self, here: ScriptedWorld, vpd: Vpd):
        file = verified(here, vpd)
        values = json.loads(file.read_text())
        values["verification"] = {"preset": "paper", "accept_score": 0.9}
        file.write_text(json.dumps(values))
        said = vpd("distill", file, *places(here))
        assert (said.status, "belong to another recipe" in said.errors) == (2, True)


class TestLanguageModel:
    def test_it_writes_what_passes_the_check(self, here: ScriptedWorld, vpd: Vpd):
        said = vpd("distill", verified(here, vpd, model={}), *places(here))
        assert said.status == 0, said.errors
        written = list(here.run.rationales.rows())
        assert {each.source for each in written} == {"language_model"}
        assert not any(each.unsupported for each in written)
        assert len(here.server.log) == 5

    def test_templates_write_where_it_claims_what_was_not_seen(self, here: ScriptedWorld, vpd: Vpd):
        def sometimes(exchange: Exchange) -> Answer:
            text = told(exchange)
            return reply(
                *[f"There is a zebra. {text}" if "scene 1?" in exchange.prompt else text] * exchange.n
            )

        here.server.script = sometimes
        vpd("distill", verified(here, vpd, model={}), *places(here))
        sources = {each.example_id: each.source for each in here.run.rationales.rows()}
        assert sources["q1"] == "template"
        assert Counter(sources.values()) == {"language_model": 4, "template": 1}
        asked_again = [e for e in here.server.log if "An earlier explanation was" in e.prompt]
        assert ["zebra" in e.prompt for e in asked_again] == [True]

    def test_the_label_is_in_no_prompt(self, here: ScriptedWorld, vpd: Vpd):
        data = here.root / "data" / "questions.jsonl"
        questions = [json.loads(line) for line in data.read_text().splitlines()]
        for row in questions:
            if "answer" in row:
                row["answers"] = [str(row.pop("answer")), "a label like no other"]
        data.write_text("".join(json.dumps(row) + "\n" for row in questions))
        vpd("distill", verified(here, vpd, model={}), *places(here))
        sent = json.dumps([exchange.body for exchange in here.server.log])
        assert "disc" in sent
        assert "like no other" not in sent

    def test_nothing_is_paid_for_twice(self, here: ScriptedWorld, vpd: Vpd):
        file = verified(here, vpd, model={})
        vpd("distill", file, *places(here))
        asked = len(here.server.log)
        for shard in range(3):
            here.run.rationales.path(shard).unlink()
        vpd("distill", file, *places(here))
        assert len(here.server.log) == asked

    def test_a_dry_run_says_what_it_costs_and_asks_nothing(self, here: ScriptedWorld, vpd: Vpd):
        file = verified(here, vpd, model={"prices": PRICES})
        said = vpd("distill", file, *places(here), "--dry-run")
        assert cells(said, "requests") == ["requests", "5"]
        assert cells(said, "completions")[1] == "10"
        assert float(cells(said, "cost")[1]) > 0
        assert here.server.log == []
        vpd("distill", file, *places(here), "--limit", "2")
        said = vpd("distill", file, *places(here), "--dry-run")
        assert "4 more are in the cache" in said.output

    def test_a_spent_budget_leaves_the_rest_to_templates_and_a_higher_one_continues(
        self,
        here: ScriptedWorld,
        vpd: Vpd,
    ):
        file = verified(here, vpd, model={"max_concurrency": 1})
        said = vpd("distill", file, *places(here), "--max-tokens-total", "30")
        assert said.status == 0
        assert "the budget is used up" in said.errors
        assert "templates wrote the other rationales" in said.errors
        sources = Counter(each.source for each in here.run.rationales.rows())
        assert sources["template"] > 0
        assert sources["language_model"] > 0
        assert vpd("distill", file, *places(here)).status == 0
        assert {each.source for each in here.run.rationales.rows()} == {"language_model"}
        assert len(here.server.log) == 5

    def test_a_failing_endpoint_costs_a_question_until_the_next_run(self, here: ScriptedWorld, vpd: Vpd):
        here.server.script = lambda e: error(500, "broken") if "scene 2?" in e.prompt else honest(e)
        file = verified(here, vpd, model={})
        assert vpd("distill", file, *places(here)).status == 0
        assert _sources(here.run)["q2"] == "template"
        here.server.script = honest
        vpd("distill", file, *places(here))
        assert _sources(here.run)["q2"] == "language_model"

    def test_an_example_program_that_changed_makes_rationales_stale(
        self, here: ScriptedWorld, vpd: Vpd, monkeypatch: pytest.MonkeyPatch
    ):
        file = verified(here, vpd, model={})
        vpd("distill", file, *places(here))
        asked = len(here.server.log)

        def other(*parts: str) -> Path:
            found = resource(*parts)
            if parts[0] != "programs":
                return found
            copy = here.root / found.name
            copy.write_text(found.read_text().replace("cup", "mug"))
            return copy

        examples: Any = vars(prompt)["_examples"]
        monkeypatch.setattr(prompt, "resource", other)
        examples.cache_clear()
        try:
            assert vpd("distill", file, *places(here)).status == 0
        finally:
            examples.cache_clear()
        assert len(here.server.log) == 2 * asked

    def test_a_wrong_key_stops_with_one_sentence(self, here: ScriptedWorld, vpd: Vpd):
        here.server.script = lambda _: error(401, "wrong key")
        said = vpd("distill", verified(here, vpd, model={}), *places(here))
        assert said.status == 2
        assert said.errors.splitlines()[-1].startswith("error: ")


def _sources(run: Run) -> dict[str, str]:
    return {each.example_id: each.source for each in run.rationales.rows()}


def test_rationales_are_rows_of_a_table_that_export_prints(here: ScriptedWorld, vpd: Vpd):
    vpd("distill", verified(here, vpd), *places(here))
    said = vpd("export", here.run.root, "rationales")
    assert [Rationale.model_validate_json(line) for line in said.output.splitlines()] == list(
        here.run.rationales.rows()
    )
