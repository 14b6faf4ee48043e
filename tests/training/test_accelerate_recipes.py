"""The configurations for several GPUs are what accelerate takes them for, and sharding changes no loss."""

import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.training import sharded_child
from tests.training.processes import start
from tests.training.training_rows import with_text_only
from vpd.resources import resource
from vpd.training import curve
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings

RECIPES = sorted(resource("recipes", "accelerate").glob("*.yaml"))


def launched(recipe: Path) -> Any:
    """The launcher's arguments once it has read a configuration."""
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    arguments = launch_command_parser().parse_args(["--config_file", str(recipe), "-m", "vpd"])
    return _validate_launch_command(arguments)[0]


def prepared(recipe: Path) -> dict[str, str]:
    """The environment variables that the launcher gives each process."""
    from accelerate.utils.launch import prepare_multi_gpu_env

    return prepare_multi_gpu_env(launched(recipe))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def test_there_is_one_for_each_way() -> None:
    assert [recipe.stem for recipe in RECIPES] == ["ddp", "deepspeed_zero2", "deepspeed_zero3", "fsdp"]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_the_launcher_knows_every_key(recipe: Path) -> None:
    arguments = launched(recipe)
    assert arguments.num_processes == 8
    assert arguments.mixed_precision == "bf16"
    assert arguments.use_fsdp == (recipe.stem == "fsdp")
    assert arguments.use_deepspeed == recipe.stem.startswith("deepspeed")


def test_fsdp_shards_every_block_and_saves_whole_files(monkeypatch: pytest.MonkeyPatch) -> None:
    from accelerate import FullyShardedDataParallelPlugin

    for name, value in prepared(resource("recipes", "accelerate", "fsdp.yaml")).items():
        monkeypatch.setenv(name, value)
    plugin = FullyShardedDataParallelPlugin()
    assert plugin.fsdp_version == 2
    assert plugin.reshard_after_forward is True
    assert plugin.state_dict_type.name == "FULL_STATE_DICT"


@pytest.mark.parametrize("stage", [2, 3])
def test_deepspeed_gets_its_stage(stage: int) -> None:
    arguments = launched(resource("recipes", "accelerate", f"deepspeed_zero{stage}.yaml"))
    assert arguments.zero_stage == stage
    assert bool(arguments.zero3_init_flag) == bool(arguments.zero3_save_16bit_model) == (stage == 3)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_that_share_a_model_take_the_steps_of_one(
    tiny_vlm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the short cuts of a single process, whose rounding Adam would magnify where gradients are nearly nothing.
    monkeypatch.setattr("vpd.training.trainer.processes", lambda: 2)
    settings = FinetuneSettings(
        model=str(tiny_vlm),
        steps=2,
        batch_size=4,
        learning_rate=1e-2,
        warmup=0.0,
        checkpoint_every=1,
        device="cpu",
    )
    alone = finetune(settings, with_text_only(tmp_path), tmp_path, tmp_path / "alone")
    recipe = yaml.safe_load(resource("recipes", "accelerate", "fsdp.yaml").read_text(encoding="utf-8"))
    recipe |= {"num_processes": 2, "mixed_precision": "no", "use_cpu": True}
    (tmp_path / "fsdp.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    told = prepared(tmp_path / "fsdp.yaml") | {"MASTER_ADDR": "localhost", "MASTER_PORT": str(free_port())}
    ranks = [
        start(
            sharded_child.train,
            told | {"WORLD_SIZE": "2", "RANK": str(rank), "LOCAL_RANK": str(rank)},
            settings,
            tmp_path,
            tmp_path / "sharded",
        )
        for rank in range(2)
    ]
    for rank in ranks:
        rank.join()
    assert [rank.exitcode for rank in ranks] == [0, 0]
    for mine, theirs in zip(
        curve.read(alone.losses), curve.read(tmp_path / "sharded" / "losses.jsonl"), strict=True
    ):
        assert theirs.loss == pytest.approx(mine.loss, rel=1e-4)
        assert theirs.rows == mine.rows
    ours, sharded = weights(alone.folder), weights(tmp_path / "sharded" / "adapter")
    assert ours.keys() == sharded.keys()
    for name, weight in ours.items():
        # Single weights differ more on some processors: Adam magnifies the rounding of a gradient that is almost 0.
        assert (sharded[name] - weight).norm() < 0.002 * weight.norm(), name


def weights(adapter: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(adapter / "adapter_model.safetensors")
