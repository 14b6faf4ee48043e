"""Segmenters, and the detector whose boxes they tighten."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
import torch
from PIL import Image

from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.regions import Region
from vision_tools.registry import create
from vision_tools.roles import NameQuery, Segmenter


@pytest.fixture(scope="module", params=["sam", "sam2"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    torch.manual_seed(0)
    return getattr(tiny_models, request.param)(tmp_path_factory.mktemp("models") / request.param)


@pytest.fixture(scope="module")
def tool(settings: dict[str, Any]) -> Any:
    return create("segmenter", "sam", settings)


def test_a_batch_gives_what_each_call_gives_alone(tool: Any, noise: list[Region]) -> None:
    assert isinstance(tool, Segmenter)
    for region, together in zip(noise, tool.segment(noise), strict=True):
        alone = tool.segment([region])[0]
        assert together.box == alone.box
        assert together.score == pytest.approx(alone.score, abs=1e-4)
        assert np.array_equal(np.asarray(together.mask), np.asarray(alone.mask))


def test_the_mask_has_the_regions_size_and_the_box_is_tight(tool: Any, noise: list[Region]) -> None:
    for region, segment in zip(noise, tool.segment(noise), strict=True):
        mask = np.asarray(segment.mask)
        assert segment.mask.size == region.size
        ys, xs = mask.nonzero()
        if len(xs):
            assert tuple(segment.box) == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        else:
            assert segment.box.area == 0


def test_an_empty_region_frames_nothing(tool: Any, noise: list[Region]) -> None:
    with pytest.raises(ToolError, match="is empty"):
        tool.segment([Region(noise[0].picture, (5, 5, 5, 9))])


def test_a_refined_detector_draws_the_segments_boxes(
    settings: dict[str, Any], tool: Any, tmp_path: Path, region_of: Callable[..., Region]
) -> None:
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 255, (60, 80, 3), dtype=np.uint8)).save(tmp_path / "one.png")
    objects = [{"name": "cat", "box": [10, 5, 50, 45]}, {"name": "cat", "box": [30, 20, 70, 55]}]
    line = {"image": "one.png", "width": 80, "height": 60, "objects": objects}
    (tmp_path / "annotations.jsonl").write_text(json.dumps(line))
    annotations = {
        "name": "annotations", "annotations": str(tmp_path / "annotations.jsonl"), "images": str(tmp_path)
    }  # fmt: skip
    refined: Any = create(
        "detector", "refined", {"detector": annotations, "segmenter": {"name": "sam", **settings}}
    )
    region = region_of(tmp_path / "one.png", (4, 2, 80, 60))
    found = refined.detect([NameQuery(region, "cat"), NameQuery(region, "dog")])
    for detection, (x1, y1, x2, y2) in zip(found[0], [(10, 5, 50, 45), (30, 20, 70, 55)], strict=True):
        segment = tool.segment([Region(region.picture, (x1, y1, x2, y2))])[0]
        assert detection.box == segment.box.shifted(x1 - 4, y1 - 2)
    assert found[1] == []


def test_a_nested_tool_needs_a_name() -> None:
    with pytest.raises(ToolUnavailable, match="the setting 'detector' needs a name: one of annotations"):
        create("detector", "refined", {"detector": {}, "segmenter": {}})
