"""Models: loaded once, named by their content, and mistakes told before anything is computed."""

from pathlib import Path
from typing import Any

import pytest
import tiny_models
import torch

from vision_tools.errors import ToolUnavailable
from vision_tools.loading import Weights, load_model
from vision_tools.registry import create


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    return Path(tiny_models.dpt(tmp_path_factory.mktemp("models") / "dpt")["model"])


def test_a_model_is_loaded_once_while_someone_holds_it(folder: Path) -> None:
    first = load_model(Weights(str(folder)), "AutoModelForDepthEstimation")
    assert load_model(Weights(str(folder)), "AutoModelForDepthEstimation") is first
    other = load_model(Weights(str(folder), dtype="bfloat16"), "AutoModelForDepthEstimation")
    assert other is not first
    assert other.dtype == torch.bfloat16
    assert not first.training


def test_the_identity_is_the_content_not_the_place(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert Weights(str(copy)).identity == Weights(str(folder)).identity
    assert Weights(str(copy), dtype="float16").identity != Weights(str(folder)).identity
    changed = tmp_path / "changed"
    copy.rename(changed)
    (changed / "config.json").write_text((changed / "config.json").read_text() + "\n")
    assert Weights(str(changed)).identity != Weights(str(folder)).identity


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dtype": "int3"}, "there is no dtype 'int3'; use one of float32, float16, bfloat16"),
        ({"batch_size": 0}, "a batch size of 0 is none; use 1 or more"),
    ],
)
def test_settings_that_cannot_be_are_refused(folder: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolUnavailable, match=message):
        create("depth", "transformers", {"model": str(folder), **settings})


def test_a_device_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ToolUnavailable, match="cannot use the device 'nowhere'"):
        load_model(Weights(str(folder), device="nowhere"), "AutoModelForDepthEstimation")


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolUnavailable, match=f"there is no model folder {tmp_path}, or it is not complete"):
        load_model(Weights(str(tmp_path)), "AutoModelForDepthEstimation")
