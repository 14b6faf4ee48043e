"""The recipes that travel with the package are valid, and run as far as they can without network."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.hub_data import jpeg, publish
from vision_tools import registry
from vpd.commands.finetune import run_finetune
from vpd.commands.run import run_run
from vpd.commands.sample import SampleOptions, run_sample
from vpd.distillation.rows.rows import RowMaker
from vpd.language_models.settings import OpenAISettings
from vpd.pipeline.distill_rows import training_rows
from vpd.pipeline.finetune import Options
from vpd.recipe import Recipe, load_recipe
from vpd.resources import resource
from vpd.store import Run

RECIPES = sorted(resource("recipes").glob("*.yaml"))
REAL_RUNS = ("gqa", "own-images", "tallyqa", "unlabelled", "vpd-paper")

# The columns that the hub's data sets have, with what their rows look like.
STAND_INS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "lmms-lab/GQA": {
        "train_balanced_instructions": [
            {
                "id": f"0{n}",
                "imageId": "2354786",
                "question": "Is it overcast?",
                "answer": "no",
                "fullAnswer": "No, it is clear.",
                "isBalanced": True,
            }
            for n in range(3)
        ],
        "train_balanced_images": [{"id": "2354786", "image": jpeg("blue", (64, 48))}],
    },
    "Multimodal-Fatima/OK-VQA_train": {
        "default": [
            {
                "image": jpeg("red", (64, 48)),
                "question": "Which season is it?",
                "answers": ["winter"] * 10,
                "answer_type": "other",
                "question_id": 51606,
            }
        ]
    },
    "HuggingFaceM4/A-OKVQA": {
        "default": [
            {
                "image": jpeg("green", (64, 48)),
                "question_id": "22MexNkBPpdZGX6sxbxVBH",
                "question": "What is he waiting for?",
                "choices": ["delivery", "skateboard", "cab", "train"],
                "correct_choice_idx": 2,
                "direct_answers": "['ride', 'cab']",
            }
        ]
    },
    "HuggingFaceM4/the_cauldron": {
        "tallyqa": [
            {
                "images": [jpeg("gold", (64, 48))],
                "texts": [
                    {
                        "user": "How many dogs are there?\nBe succinct.",
                        "assistant": "3.",
                        "source": "TallyQA",
                    }
                ],
            }
        ]
    },
}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_bundled_recipe_is_valid(path: Path):
    load_recipe(path)


def test_each_real_run_has_its_recipe():
    assert {path.stem for path in RECIPES} >= set(REAL_RUNS)


@pytest.mark.parametrize("name", REAL_RUNS)
def test_its_tools_exist_and_know_their_settings(name: str):
    for role, tool in load_recipe(resource("recipes", f"{name}.yaml")).tools.items():
        known(role, tool.name, tool.settings)


def known(role: str, name: str, settings: dict[str, Any]) -> None:
    from inspect import signature

    if role == "knowledge":
        OpenAISettings(**settings)
        return
    parameters = signature(registry.factory(role, name)).parameters
    assert settings.keys() <= parameters.keys()
    for nested_role, nested in settings.items():
        if isinstance(nested, dict):
            known(nested_role, nested["name"], {key: nested[key] for key in nested if key != "name"})


@pytest.mark.parametrize("name", REAL_RUNS)
def test_it_says_what_it_takes_and_how_that_was_reckoned(name: str):
    text = resource("recipes", f"{name}.yaml").read_text(encoding="utf-8")
    head = text[: text.index("\ndata:")]
    for part in ("Programs", "Tools", "Training", "Memory", " = ", "GPU", "Nothing below was run"):
        assert part in head


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A recipe with data sets in folders in place of the hub's, or files in place of the user's."""
    pytest.importorskip("datasets")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    def make(name: str) -> Path:
        text = resource("recipes", f"{name}.yaml").read_text(encoding="utf-8")
        for hub, tables in STAND_INS.items():
            if f"id: {hub} " in text or f"id: {hub}\n" in text:
                publish(tmp_path / "hub" / hub, tables)
                text = text.replace(f"id: {hub}", f"id: hub/{hub}")
        (tmp_path / "images").mkdir()
        (tmp_path / "images" / "one.jpg").write_bytes(jpeg("red", (64, 48)))
        row = {"id": "1", "image": "one.jpg", "question": "How many dogs?"}
        answers = {} if name == "unlabelled" else {"answer": 2}
        (tmp_path / "questions.jsonl").write_text(json.dumps(row | answers), encoding="utf-8")
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return make


@pytest.mark.parametrize("name", REAL_RUNS)
def test_it_runs_dry_on_stand_ins(
    stand_in: Any, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    path, out = stand_in(name), tmp_path / "run"
    options = SampleOptions(path, out, tmp_path / "cache", None, None, None)
    run_sample(options, 1, dry_run=True)
    run_run(options, dry_run=True)
    assert capsys.readouterr().out.count("Round 1 would ask for") == 2
    recipe = load_recipe(path)
    run = Run(out)
    examples = list(run.examples.rows())
    assert all(example.problem is None for example in examples)
    assert {example.source for example in examples} == {
        source.source or "" for source in recipe.data.hub
    } or {""}
    if name != "unlabelled":
        assert all(example.answers for example in examples)
        teach(recipe, run)
        run_finetune(path, out, Options(), dry_run=True)
        assert "Fine-tuning would learn from" in capsys.readouterr().out


def teach(recipe: Recipe, run: Run) -> None:
    """Label rows for all questions, as distillation makes them where no program was kept."""
    maker = RowMaker(recipe.distillation)
    made = training_rows(recipe, run, [run.examples.count(shard) for shard in range(len(run.examples))])
    for shard in range(made.shards):
        rows = [row for example in run.examples.read(shard) for row in maker.rows(example, None)]
        run.rows.write(shard, rows, made.fingerprint(shard))


def test_the_paper_s_settings_are_the_paper_s():
    recipe = load_recipe(resource("recipes", "vpd-paper.yaml"))
    assert recipe.sampling is not None
    assert [(each.samples, each.temperature) for each in recipe.sampling.schedule] == [(5, 0.5)]
    assert recipe.verification.preset == "paper"
    tuning = recipe.finetune
    assert tuning is not None
    assert (tuning.steps, tuning.batch_size, tuning.learning_rate) == (8000, 128, 1e-4)
    assert (tuning.lora.rank, tuning.warmup, tuning.betas) == (8, 0.01, (0.9, 0.98))
    assert tuning.weights.label == tuning.weights.rationale == 1
