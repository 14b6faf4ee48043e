"""Every depth estimator, through its real library class with a tiny model of its own architecture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
import torch
import transformers
from PIL import Image

from vision_tools.errors import ToolError
from vision_tools.regions import Region
from vision_tools.registry import create
from vision_tools.roles import DepthEstimator

RELATIVE, METRIC = ("depth_anything", "dpt"), ("depth_anything_metric", "zoedepth")


@pytest.fixture(scope="module", params=[*RELATIVE, *METRIC])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    torch.manual_seed(0)
    return getattr(tiny_models, request.param)(tmp_path_factory.mktemp("models") / request.param)


def tool_of(settings: dict[str, Any], **more: Any) -> Any:
    return create("depth", "transformers", {**settings, **more})


def test_a_batch_gives_what_each_call_gives_alone(settings: dict[str, Any], noise: list[Region]) -> None:
    together = tool_of(settings, batch_size=2).depth(noise)
    alone = [tool_of(settings).depth([region])[0] for region in noise]
    assert isinstance(tool_of(settings), DepthEstimator)
    assert together == pytest.approx(alone, abs=1e-4)


def test_on_a_cpu_a_result_does_not_hang_on_its_batch(settings: dict[str, Any], noise: list[Region]) -> None:
    """To the last bit, so that no rounding can show who shared a batch."""
    together, alone = tool_of(settings, batch_size=8), tool_of(settings, batch_size=8)
    together.depth(noise)
    for region in noise:
        alone.depth([region])
        name = region.picture.sha256
        assert np.array_equal(together._maps[name], alone._maps[name])


def test_a_picture_is_estimated_once_for_all_its_regions(
    settings: dict[str, Any], noise: list[Region]
) -> None:
    tool = tool_of(settings)
    whole, part = noise[0], noise[-1]
    assert tool.depth([whole, part]) == [tool.depth([whole])[0], tool.depth([part])[0]]


@pytest.mark.parametrize("name", RELATIVE)
def test_relative_models_see_near_as_large_and_are_turned_round(
    name: str, tmp_path: Path, region_of: Callable[..., Region]
) -> None:
    """The part of a picture where the model's own output is largest is the nearest."""
    torch.manual_seed(1)
    settings = getattr(tiny_models, name)(tmp_path / name)
    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (56, 56, 3), dtype=np.uint8))
    output = own_output(settings["model"], image)
    tool = tool_of(settings)
    row, column = (int(i) for i in np.unravel_index(output.argmax(), output.shape))
    nearest = region_of(image, (column, row, column + 1, row + 1))
    row, column = (int(i) for i in np.unravel_index(output.argmin(), output.shape))
    farthest = region_of(image, (column, row, column + 1, row + 1))
    assert tool.depth([nearest, farthest]) == [0.0, 1.0]


@pytest.mark.parametrize("name", METRIC)
def test_metric_models_give_their_own_distances(
    name: str, tmp_path: Path, region_of: Callable[..., Region]
) -> None:
    torch.manual_seed(1)
    settings = getattr(tiny_models, name)(tmp_path / name)
    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (56, 56, 3), dtype=np.uint8))
    depth = tool_of(settings).depth([region_of(image)])[0]
    assert depth == pytest.approx(float(np.median(own_output(settings["model"], image))), abs=1e-3)


def test_the_kind_can_be_stated(tmp_path: Path, region_of: Callable[..., Region]) -> None:
    settings = tiny_models.dpt(tmp_path / "dpt")
    region = region_of(Image.new("RGB", (64, 64), "grey"))
    metric = tool_of(settings, kind="metric")
    own = own_output(settings["model"], region.crop())
    assert metric.depth([region])[0] == pytest.approx(float(np.median(own)), abs=1e-3)


def test_an_empty_region_has_no_depth(tmp_path: Path, noise: list[Region]) -> None:
    tool = tool_of(tiny_models.dpt(tmp_path / "dpt"))
    with pytest.raises(ToolError, match="is empty"):
        tool.depth([Region(noise[0].picture, (5, 5, 5, 9))])


def own_output(model: str, image: Image.Image) -> np.ndarray:
    """What the library itself computes, at the image's size."""
    processor = transformers.AutoImageProcessor.from_pretrained(model)
    network = transformers.AutoModelForDepthEstimation.from_pretrained(model)
    with torch.inference_mode():
        output = network(**processor(images=image, return_tensors="pt"))
    sizes = [(image.height, image.width)]
    more = {"source_sizes": sizes} if network.config.model_type == "zoedepth" else {}
    return processor.post_process_depth_estimation(output, target_sizes=sizes, **more)[0][
        "predicted_depth"
    ].numpy()
