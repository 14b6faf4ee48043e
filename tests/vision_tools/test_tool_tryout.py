"""One tool on one image, in words and drawn."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from PIL import Image

from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.tryout import try_tool


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    Image.new("RGB", (120, 80), "white").save(tmp_path / "scene.png")
    objects = [
        {"name": "cube", "attributes": ["red"], "box": [60, 20, 100, 60]},
        {"name": "cat", "box": [5, 5, 40, 70]},
    ]
    line = {"image": "scene.png", "width": 120, "height": 80, "objects": objects}
    (tmp_path / "annotations.jsonl").write_text(json.dumps(line))
    return tmp_path / "scene.png"


def annotations(scene: Path) -> dict[str, str]:
    return {"annotations": str(scene.parent / "annotations.jsonl"), "images": str(scene.parent)}


def test_a_detectors_boxes_are_told_and_drawn(scene: Path) -> None:
    result = try_tool("detector", "annotations", annotations(scene), scene, ["red cube"])
    assert result.lines == ["cube 1.00 at 60, 20, 100, 60"]
    drawn = np.asarray(result.drawing) != 255
    assert drawn[20, 60].any()
    assert drawn[59, 99].any()
    assert not drawn[5, 5].any()


def test_a_verifier_says_yes_or_no(scene: Path) -> None:
    assert try_tool("attributes", "annotations", annotations(scene), scene, ["cube", "red"]).lines == ["yes"]


def test_nothing_found_is_said(scene: Path) -> None:
    result = try_tool("detector", "annotations", annotations(scene), scene, ["dog"])
    assert result.lines == ["nothing found"]
    assert np.array_equal(np.asarray(result.drawing), np.asarray(Image.open(scene)))


def test_texts_are_ranked(scene: Path, tmp_path: Path) -> None:
    settings = tiny_models.clip(tmp_path / "clip")
    lines = try_tool("scorer", "transformers", settings, scene, ["red cube", "a cat"]).lines
    scores = [float(line.split()[0]) for line in lines]
    assert scores == sorted(scores, reverse=True)


def test_depth_is_told_for_the_whole_and_nine_parts(scene: Path, tmp_path: Path) -> None:
    lines = try_tool("depth", "transformers", tiny_models.dpt(tmp_path / "dpt"), scene).lines
    assert lines[0].startswith("median depth ")
    assert len(lines) == 10


def test_a_segment_is_told(scene: Path, tmp_path: Path) -> None:
    assert (
        try_tool("segmenter", "sam", tiny_models.sam(tmp_path / "sam"), scene).lines[0].startswith("object ")
    )


def test_a_question_that_does_not_suit_the_role_is_an_error(scene: Path) -> None:
    with pytest.raises(ToolUnavailable, match="give the name to find, not 2 texts"):
        try_tool("detector", "annotations", annotations(scene), scene, ["red", "cube"])
    with pytest.raises(ToolUnavailable, match="give a name and an attribute, not 0 texts"):
        try_tool("attributes", "annotations", annotations(scene), scene)


def test_an_unreadable_image_is_an_error(scene: Path) -> None:
    with pytest.raises(ToolError, match="there is no image"):
        try_tool("detector", "annotations", annotations(scene), scene.parent / "absent.png", ["cube"])
