"""The configurations for several GPUs are what accelerate takes them for, and sharding changes no loss."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.training.training_rows import with_text_only
from vpd.resources import resource
from vpd.training import curve
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings

RECIPES = sorted(resource("recipes", "accelerate").glob("*.yaml"))
PROJECT = Path(__file__).parents[2]


def launched(recipe: Path) -> Any:
    """The launcher's arguments once it has read a configuration."""
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    arguments = launch_command_parser().parse_args(["--config_file", str(recipe), "-m", "vpd.cli"])
    return _validate_launch_command(arguments)[0]


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
    from accelerate.utils.launch import prepare_multi_gpu_env

    told = prepare_multi_gpu_env(launched(resource("recipes", "accelerate", "fsdp.yaml")))
    for name, value in told.items():
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
def test_two_processes_that_share_a_model_take_the_steps_of_one(tiny_vlm: Path, tmp_path: Path) -> None:
    settings = FinetuneSettings(
        model=str(tiny_vlm),
        steps=3,
        batch_size=4,
        learning_rate=1e-2,
        warmup=0.0,
        checkpoint_every=2,
        device="cpu",
    )
    alone = finetune(settings, with_text_only(tmp_path), tmp_path, tmp_path / "alone")
    recipe = yaml.safe_load(resource("recipes", "accelerate", "fsdp.yaml").read_text(encoding="utf-8"))
    recipe |= {"num_processes": 2, "mixed_precision": "no", "use_cpu": True}
    (tmp_path / "fsdp.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--config_file",
        str(tmp_path / "fsdp.yaml"),
    ]
    command += ["--main_process_port", "0", "-m", "tests.training.sharded_child"]
    command += [str(tmp_path), str(tmp_path / "sharded"), settings.model_dump_json()]
    run = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    for mine, theirs in zip(
        curve.read(alone.losses), curve.read(tmp_path / "sharded" / "losses.jsonl"), strict=True
    ):
        assert theirs.loss == pytest.approx(mine.loss, rel=1e-4)
        assert theirs.rows == mine.rows
    ours, sharded = weights(alone.folder), weights(tmp_path / "sharded" / "adapter")
    assert ours.keys() == sharded.keys()
    for name, weight in ours.items():
        assert sharded[name].numpy() == pytest.approx(weight.numpy(), abs=1e-4), name


def weights(adapter: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(adapter / "adapter_model.safetensors")
