"""Every detector, through its real library class with a tiny model of its own architecture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_models
import torch

from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.regions import Region
from vision_tools.registry import create
from vision_tools.roles import Detection, Detector, NameQuery

BY_PHRASE = {
    "grounding_dino": "grounding_dino",
    "mm_grounding_dino": "grounding_dino",
    "owlv2": "owl",
    "owlvit": "owl",
    "groundingdino_py": "groundingdino_py",
    "yolo_world": "yolo_open",
    "yoloe": "yolo_open",
    "yoloe_seg": "yolo_open",
}
BY_CLASS = {"yolo": "ultralytics", "torchvision_ssd": "torchvision"}


@pytest.fixture(scope="module", params=[*BY_PHRASE, *BY_CLASS])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    """Makes new tools around one saved model."""
    torch.manual_seed(0)
    settings = getattr(tiny_models, request.param)(tmp_path_factory.mktemp("models") / request.param)
    name = {**BY_PHRASE, **BY_CLASS}[request.param]
    return lambda **more: create("detector", name, {**settings, **more})


@pytest.fixture(scope="module")
def tool(made: Callable[[], Any]) -> Any:
    """One such tool. While it lives, those made beside it share its model."""
    return made()


def names(tool: Any) -> list[str]:
    return ["cat", "animal", "dogs"] if "words=" in tool.identity else ["red cube", "cat", "a ball or cube"]


def alike(ours: list[Detection], theirs: list[Detection]) -> bool:
    """Equal up to the last digits, in which one-by-one and batched arithmetic differ."""

    def near(a: Detection, b: Detection) -> bool:
        return a.label == b.label and (*a.box, a.score) == pytest.approx((*b.box, b.score), abs=0.02)

    return len(ours) == len(theirs) and all(any(near(a, b) for b in theirs) for a in ours)


def test_a_batch_gives_what_each_call_gives_alone(
    made: Callable[[], Any], tool: Any, noise: list[Region]
) -> None:
    batched = made(batch_size=3)
    queries = [NameQuery(region, name) for region in noise for name in names(batched)]
    together = batched.detect(queries)
    assert any(together)
    assert all(alike(found, tool.detect([query])[0]) for query, found in zip(queries, together, strict=True))


def test_boxes_lie_inside_their_region_from_left_to_right(tool: Any, noise: list[Region]) -> None:
    assert isinstance(tool, Detector)
    for region, found in zip(noise, tool.detect([NameQuery(r, names(tool)[1]) for r in noise]), strict=True):
        assert all(0 <= d.box.x1 < d.box.x2 <= region.size[0] for d in found)
        assert all(0 <= d.box.y1 < d.box.y2 <= region.size[1] for d in found)
        assert all(0 <= d.score <= 1 for d in found)
        assert found == sorted(found, key=lambda d: (d.box.x1, d.box.y1))


def test_a_threshold_keeps_the_surer_detections(
    made: Callable[[], Any], tool: Any, noise: list[Region]
) -> None:
    query = NameQuery(noise[0], "cat")
    every = tool.detect([query])[0]
    threshold = sorted(d.score for d in every)[len(every) // 2]
    sure = made(confidence=threshold).detect([query])[0]
    assert len(sure) < len(every)
    assert all(d.score >= threshold for d in sure)


def test_the_identity_names_the_content_and_the_thresholds(made: Callable[[], Any], tool: Any) -> None:
    assert made().identity == tool.identity
    assert made(confidence=0.9).identity != tool.identity


def test_a_name_that_names_nothing_is_an_error(tool: Any, noise: list[Region]) -> None:
    with pytest.raises(ToolError):
        tool.detect([NameQuery(noise[0], " . ")])


@pytest.mark.parametrize("name", ["ultralytics", "yolo_open", "groundingdino_py", "torchvision"])
def test_missing_weights_are_named_with_what_to_do(name: str, tmp_path: Path) -> None:
    with pytest.raises(ToolUnavailable, match=r"there is no weight file .*absent\.pt.* set weights to"):
        create("detector", name, {"weights": str(tmp_path / "absent.pt")})


@pytest.mark.parametrize("name", ["grounding_dino", "owl"])
def test_a_missing_model_is_named_with_what_to_do(
    name: str, tmp_path: Path, noise: list[Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    def use(model: str) -> None:
        tool: Any = create("detector", name, {"model": model})
        tool.detect([NameQuery(noise[0], "cat")])

    with pytest.raises(ToolUnavailable, match="there is no model folder .*absent"):
        use(str(tmp_path / "absent"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        ToolUnavailable, match="cannot load the model 'nobody/absent'.*hf download nobody/absent"
    ):
        use("nobody/absent")


def test_torchvision_names_its_models() -> None:
    with pytest.raises(ToolUnavailable, match="no detector 'yolo'; it has .*fasterrcnn_resnet50_fpn"):
        create("detector", "torchvision", {"model": "yolo"})


def test_weights_without_a_text_branch_are_refused_as_open(tmp_path: Path, noise: list[Region]) -> None:
    settings = tiny_models.yolo(tmp_path / "yolo")
    tool: Any = create("detector", "yolo_open", {"weights": settings["weights"]})
    with pytest.raises(ToolUnavailable, match="takes no phrases; use it with the detector 'ultralytics'"):
        tool.detect([NameQuery(noise[0], "cat")])
