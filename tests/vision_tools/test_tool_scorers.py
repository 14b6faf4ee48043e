"""Every image-text scorer, through its real library class with a tiny model of its own architecture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_models
import torch
import transformers

from vision_tools.errors import ToolUnavailable
from vision_tools.regions import Region
from vision_tools.registry import create
from vision_tools.roles import ImageTextScorer, TextsQuery

TEXTS = ("red cube", "a cat", "what is this ball")
MODELS = {
    "clip": "transformers",
    "siglip": "transformers",
    "siglip2": "transformers",
    "open_clip": "open_clip",
}


@pytest.fixture(scope="module", params=MODELS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Makes new tools around one saved model."""
    torch.manual_seed(0)
    settings = getattr(tiny_models, request.param)(tmp_path_factory.mktemp("models") / request.param)
    return lambda **more: create("scorer", MODELS[request.param], {**settings, **more})


@pytest.fixture(scope="module")
def tool(made: Callable[..., Any]) -> Any:
    return made()


def test_a_batch_gives_what_each_call_gives_alone(
    made: Callable[..., Any], tool: Any, noise: list[Region]
) -> None:
    assert isinstance(tool, ImageTextScorer)
    together = made(batch_size=2).score([TextsQuery(region, TEXTS) for region in noise])
    alone = [[tool.score([TextsQuery(region, (text,))])[0][0] for text in TEXTS] for region in noise]
    assert all(ours == pytest.approx(theirs, abs=1e-5) for ours, theirs in zip(together, alone, strict=True))
    assert len({round(score, 4) for scores in together for score in scores}) > len(noise)


def test_scores_are_cosines(tool: Any, noise: list[Region]) -> None:
    assert all(-1 <= score <= 1 for score in tool.score([TextsQuery(noise[0], TEXTS)])[0])


def test_the_margin_shows_what_is_around_a_region(made: Callable[..., Any], noise: list[Region]) -> None:
    part = noise[-1]
    bare, with_context = (made(margin=m).score([TextsQuery(part, TEXTS)])[0] for m in (0, 10))
    assert bare != with_context


def test_scores_are_those_of_the_model_itself(tmp_path: Path, noise: list[Region]) -> None:
    settings = tiny_models.clip(tmp_path / "clip")
    tool: Any = create("scorer", "transformers", {**settings, "margin": 0})
    processor = transformers.AutoProcessor.from_pretrained(settings["model"])
    model = transformers.AutoModel.from_pretrained(settings["model"])
    inputs = processor(images=noise[0].crop(), text=list(TEXTS), padding=True, return_tensors="pt")
    with torch.inference_mode():
        logits = model(**inputs).logits_per_image[0] / model.logit_scale.exp()
    assert tool.score([TextsQuery(noise[0], TEXTS)])[0] == pytest.approx(logits.tolist(), abs=1e-4)


def test_an_unknown_open_clip_model_says_how_to_list_them(noise: list[Region]) -> None:
    tool: Any = create("scorer", "open_clip", {"model": "no-such-model"})
    with pytest.raises(ToolUnavailable, match="cannot load no-such-model.*list_pretrained"):
        tool.score([TextsQuery(noise[0], TEXTS)])
