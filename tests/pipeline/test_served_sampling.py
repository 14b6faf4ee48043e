"""`vpd sample` against a real OpenAI-compatible server, `transformers serve`, with a real model behind it."""

from collections import Counter
from pathlib import Path

import pytest

from tests.language_models.test_served_model import pytestmark, served
from tests.pipeline.world import World
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.preview import estimate_round

__all__ = ["pytestmark", "served"]

ROUNDS = {"rounds": [{"samples": 3, "temperature": 0.5}], "max_tokens": 16}


@pytest.fixture
def here(served: tuple[Path, str], tmp_path: Path) -> World:
    folder, url = served
    model = {"model": str(folder), "tokenizer": str(folder), "samples_per_request": 1, "timeout": 60}
    return World(tmp_path, url, questions=3, model=model)


def test_every_question_ends_typed_and_costs_what_was_foreseen(here: World):
    recipe = here.recipe(**ROUNDS)
    with here.run.lock():
        read_inputs(recipe, here.run)
        foreseen = estimate_round(recipe, here.run, 1, here.responses)
    candidates = here.sample(**ROUNDS)

    assert {c.problem_type for c in candidates} == {"no_program"}, "its weights are random"
    assert Counter(c.example_id for c in candidates) == {"q0": 3, "q1": 3, "q2": 3}
    read = sum(c.usage.prompt_tokens for c in candidates)
    written = sum(c.usage.completion_tokens for c in candidates)
    assert foreseen.prompt_exact
    assert foreseen.prompt_tokens == pytest.approx(read, rel=0.05)
    assert foreseen.prompt_tokens + foreseen.completion_tokens == pytest.approx(read + written, rel=0.05)
    assert here.sample(**ROUNDS) == candidates
