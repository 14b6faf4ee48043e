"""Training: each specialist, at toy size, learns, is loaded by its adapter, and goes on exactly where it stopped."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vision_tools import registry
from vision_tools.regions import Picture, Region
from vision_tools.roles import NameQuery, TextsQuery
from vpd.errors import UserError
from vpd.language_models.protocol import Message, Request
from vpd.language_models.settings import TransformersSettings, create
from vpd.tabletop.training.catalogue import SPECIALISTS
from vpd.tabletop.training.coder import Coder
from vpd.tabletop.training.depth import DepthTraining
from vpd.tabletop.training.detector import DetectorTraining
from vpd.tabletop.training.eyes import Eyes
from vpd.tabletop.training.loop import train
from vpd.tabletop.training.pictures import draw_shots
from vpd.tabletop.training.run import train_specialists
from vpd.tabletop.training.scorer import Scorer
from vpd.tabletop.training.specialist import Schedule, Specialist
from vpd.tabletop.training.vlm import VisionLanguageTraining

pytest.importorskip("torch")
pytest.importorskip("open_clip")
pytest.importorskip("trl")

TOYS: dict[str, Callable[[], Specialist]] = {
    "coder": lambda: Coder(hidden=32, layers=1),
    "detector": lambda: DetectorTraining(side=64, hidden=32, layers=1),
    "scorer": lambda: Scorer(side=64, width=16, layers=1),
    "depth": lambda: DepthTraining(side=64, hidden=32, layers=4),
    "eyes": lambda: Eyes(width=32, layers=2, out=32),
    "vqa": lambda: VisionLanguageTraining("answers", vision=(32, 2), text=(32, 1)),
    "vlm": lambda: VisionLanguageTraining("base", vision=(32, 2), text=(32, 1)),
}
PLAN = Schedule(steps=20, batch_size=4, warmup=4, muon=0.01, adamw=4e-3)


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The work folder of a toy trained once, its saved model in `model`."""
    folders: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in folders:
            folders[name] = tmp_path_factory.mktemp(name)
            toy = TOYS[name]()
            done = train(toy, folders[name], schedule=PLAN)
            toy.save(done.model, folders[name] / "model")
        return folders[name]

    return make


@pytest.fixture(scope="module")
def region() -> Region:
    [shot] = draw_shots("train", 1, np.random.default_rng(0))
    digest = hashlib.sha256(shot.image.tobytes()).hexdigest()
    return Region(Picture(digest, lambda: shot.image), (0, 0, *shot.image.size))


@pytest.mark.parametrize("name", TOYS)
def test_the_loss_on_fixed_examples_falls(name: str, trained: Callable[[str], Path]):
    import torch

    toy = TOYS[name]()
    torch.manual_seed(0)
    model = toy.build()
    batch = toy.batch(np.random.default_rng(9), 4)
    learnt = torch.load(trained(name) / "checkpoint.pt", weights_only=True)["model"]
    with torch.no_grad():
        before = float(toy.loss(model, batch))
        model.load_state_dict(learnt)
        assert float(toy.loss(model, batch)) < 0.95 * before


@pytest.mark.parametrize("name", ["coder", "scorer"])
def test_a_run_that_stopped_goes_on_as_if_it_had_not(
    name: str, trained: Callable[[str], Path], tmp_path: Path
):
    import torch

    train(TOYS[name](), tmp_path, schedule=PLAN, stop_at=20)
    resumed = train(TOYS[name](), tmp_path, schedule=PLAN).model.state_dict()
    whole = torch.load(trained(name) / "checkpoint.pt", weights_only=True)["model"]
    assert all(torch.equal(resumed[key], whole[key]) for key in whole)


def test_a_stopped_run_keeps_its_curve(trained: Callable[[str], Path]):
    [point] = [json.loads(line) for line in (trained("coder") / "curve.jsonl").read_text().splitlines()]
    assert point["step"] == 20
    assert point["seconds"] > 0


def test_another_seed_is_another_run(trained: Callable[[str], Path]):
    with pytest.raises(UserError, match="another schedule, seed or beginning"):
        train(TOYS["coder"](), trained("coder"), schedule=PLAN, seed=1)


@pytest.mark.parametrize("name", TOYS)
def test_a_run_is_prolonged_from_its_weights_alone(name: str, trained: Callable[[str], Path], tmp_path: Path):
    import torch

    still = replace(PLAN, steps=1, muon=0.0, adamw=0.0)
    going_on = train(TOYS[name](), tmp_path, schedule=still, prolonged=trained(name) / "model").model
    begun, learnt = dict(going_on.named_parameters()), _checkpoint(trained(name))
    # As closely as half precision keeps them.
    assert all(torch.allclose(begun[k], learnt[k], 2e-3, 1e-3) for k in begun if "eyes_heads" not in k)


def test_what_is_no_model_of_the_kind_is_not_prolonged(trained: Callable[[str], Path], tmp_path: Path):
    with pytest.raises(UserError, match="no weights to go on from"):
        train(TOYS["coder"](), tmp_path / "work", schedule=PLAN, prolonged=tmp_path)
    for other in (Coder(hidden=64, layers=1), Coder(hidden=32, layers=2), TOYS["depth"](), TOYS["eyes"]()):
        with pytest.raises(UserError, match="size"):
            train(other, tmp_path / other.name, schedule=PLAN, prolonged=trained("coder") / "model")


@pytest.mark.parametrize("name", ["depth", "eyes"])
def test_damaged_weights_are_not_prolonged(name: str, tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(UserError, match="damaged"):
        train(TOYS[name](), tmp_path / "work", schedule=PLAN, prolonged=tmp_path)


def _checkpoint(folder: Path) -> Any:
    import torch

    return torch.load(folder / "checkpoint.pt", weights_only=True)["model"]


def test_a_longer_schedule_continues_a_run(tmp_path: Path):
    train(TOYS["coder"](), tmp_path, schedule=PLAN, stop_at=2)
    assert train(TOYS["coder"](), tmp_path, schedule=replace(PLAN, steps=26), stop_at=4).steps == 4


def test_workers_draw_the_same_batches(tmp_path: Path):
    alone, helped = (
        train(TOYS["coder"](), tmp_path / str(n), schedule=PLAN, stop_at=2, workers=n).model.state_dict()
        for n in (0, 1)
    )
    assert all(bool((alone[key] == helped[key]).all()) for key in alone)


def test_the_coder_is_loaded_and_reads_the_question_alone(trained: Callable[[str], Path]):
    async def replies() -> list[str]:
        model = create(TransformersSettings(model=str(trained("coder") / "model"), dtype="float32"))
        question = Message(role="user", content="Question: How many cubes are there?\n")
        prompts = [(question,), (Message(role="system", content="The program language ..."), question)]
        try:
            drawn = [await model.complete(Request(messages=p, max_tokens=16, seed=3)) for p in prompts]
        finally:
            await model.close()
        return [completion.text for [completion] in drawn]

    alone, instructed = asyncio.run(replies())
    assert alone == instructed


def test_the_detector_is_loaded_by_its_adapter(trained: Callable[[str], Path], region: Region):
    settings = {"model": str(trained("detector") / "model"), "confidence": 0.0}
    tool: Any = registry.create("detector", "owl", settings)
    [cubes, objects] = tool.detect([NameQuery(region, "red cube"), NameQuery(region, "object")])
    assert cubes
    assert objects


def test_the_scorer_is_loaded_by_its_adapter(trained: Callable[[str], Path], region: Region):
    tool: Any = registry.create("scorer", "open_clip", {"model": str(trained("scorer") / "model")})
    [scores] = tool.score([TextsQuery(region, ("a red cube", "a blue ring"))])
    assert scores[0] != scores[1]


def test_the_depth_model_gives_distances_by_its_adapter(trained: Callable[[str], Path], region: Region):
    tool: Any = registry.create("depth", "transformers", {"model": str(trained("depth") / "model")})
    [distance] = tool.depth([region])
    assert 3 < distance < 64


def test_a_vision_language_model_starts_from_trained_eyes(trained: Callable[[str], Path], tmp_path: Path):
    import torch
    from transformers import Qwen3VLForConditionalGeneration

    eyes = trained("eyes") / "model"
    learner = VisionLanguageTraining("base", vision=(32, 2), text=(32, 1), eyes=eyes)
    model = learner.build()
    learnt = torch.load(trained("eyes") / "checkpoint.pt", weights_only=True)["model"]
    for name, weight in model.model.visual.state_dict().items():
        torch.testing.assert_close(weight, learnt[f"vision.{name}"], atol=1e-3, rtol=1e-3)  # kept as float16
    before = learner.loss(model, learner.batch(np.random.default_rng(0), 2))
    before.backward()
    assert model.eyes_heads["letters_head"].weight.grad.abs().sum() > 0
    learner.save(model, tmp_path)
    Qwen3VLForConditionalGeneration.from_pretrained(tmp_path)


def test_eyes_that_are_missing_or_of_another_size_are_told(trained: Callable[[str], Path], tmp_path: Path):
    with pytest.raises(UserError, match="train eyes"):
        VisionLanguageTraining("base", vision=(32, 2), text=(32, 1), eyes=tmp_path).build()
    with pytest.raises(UserError, match="another size"):
        VisionLanguageTraining("base", vision=(64, 2), text=(32, 1), eyes=trained("eyes") / "model").build()


@pytest.mark.parametrize("name", TOYS)
def test_it_is_scored_through_its_adapter(name: str, trained: Callable[[str], Path]):
    scores = TOYS[name]().score(trained(name) / "model", "val", 28 if name == "coder" else 2, seed=0)
    assert scores
    assert not any(value < 0 for value in scores.values())


def test_the_command_writes_weights_and_a_card_with_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(SPECIALISTS, "depth", lambda _: TOYS["depth"]())
    out, work = tmp_path / "models", tmp_path / "work"
    train_specialists("depth", out, work, steps=20, batch_size=2, device="cpu", scored=2)
    assert (out / "depth" / "model.safetensors").is_file()
    card = (out / "depth" / "README.md").read_text()
    for part in ("Steps: 20 of 2 examples, seed 0", "depth order accuracy", "| 20 | ", "1 core(s)"):
        assert part in card


def test_there_is_no_specialist_of_another_name(tmp_path: Path):
    with pytest.raises(UserError, match="no specialist 'sorcerer'; choose from coder, detector"):
        train_specialists("sorcerer", tmp_path, tmp_path)
