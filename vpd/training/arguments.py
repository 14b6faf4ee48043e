"""Our settings in the words of TRL's trainer."""

import os
from pathlib import Path
from typing import Any

from vpd.errors import UserError
from vpd.training.settings import FinetuneSettings


def processes() -> int:
    """How many processes the launcher started; each trains on one device."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main() -> bool:
    """Whether this process is the one that writes."""
    return int(os.environ.get("RANK", "0")) == 0


def computes_in_bfloat16(settings: FinetuneSettings) -> bool:
    import torch

    if settings.dtype != "auto":
        return settings.dtype == "bfloat16"
    if not torch.cuda.is_available():
        return settings.device == "cuda"  # asked what it would be on a machine that has one
    return settings.device != "cpu" and torch.cuda.is_bf16_supported()


def accumulation(settings: FinetuneSettings) -> int:
    """Micro-batches that one device computes for each optimiser step.

    Raises:
        UserError: the batch cannot be divided evenly among devices and micro-batches.
    """
    at_once = settings.micro_batch_size * processes()
    if settings.batch_size % at_once:
        raise UserError(
            f"`batch_size` {settings.batch_size} is no multiple of {at_once} (`micro_batch_size` "
            f"{settings.micro_batch_size} on {processes()} devices), so the examples of a batch would not count "
            "alike; change one of them"
        )
    return settings.batch_size // at_once


def trainer_arguments(settings: FinetuneSettings, steps: int, folder: Path, name: str) -> Any:
    """TRL's configuration.

    Args:
        settings: ours.
        steps: optimiser steps.
        folder: where checkpoints go.
        name: of the run, for trackers.

    Raises:
        UserError: the batch cannot be divided evenly, there is no GPU where one was asked for, several are
            visible to one process, or the device cannot compute in bfloat16.
    """
    from trl.trainer.sft_config import SFTConfig

    _one_device(settings)
    try:
        return SFTConfig(
            output_dir=str(folder),
            run_name=name,
            max_steps=steps,
            per_device_train_batch_size=settings.micro_batch_size,
            gradient_accumulation_steps=accumulation(settings),
            optim="adamw_torch_fused",
            learning_rate=settings.learning_rate,
            adam_beta1=settings.betas[0],
            adam_beta2=settings.betas[1],
            weight_decay=settings.weight_decay,
            max_grad_norm=settings.max_gradient_norm,
            lr_scheduler_type="cosine",
            warmup_steps=settings.warmup,  # below 1, it is a share of the steps
            bf16=computes_in_bfloat16(settings),
            use_cpu=settings.device == "cpu",
            gradient_checkpointing=settings.gradient_checkpointing,
            seed=settings.seed,
            train_sampling_strategy="sequential",  # the data set is the order
            save_steps=settings.checkpoint_every,
            save_total_limit=settings.keep_checkpoints,
            logging_strategy="steps" if settings.log_to else "no",
            logging_steps=settings.log_every,
            report_to=["wandb"] if "wandb" in settings.log_to else "none",
            disable_tqdm=True,
            dataloader_num_workers=settings.loader_workers,
            remove_unused_columns=False,
            dataset_kwargs={"skip_prepare_dataset": True},
            max_length=None,
        )
    except ValueError as error:
        raise UserError(f"this device cannot train so: {error}") from error


def _one_device(settings: FinetuneSettings) -> None:
    import torch

    if settings.device == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "`device: cuda` asks for a GPU, but torch sees none here (`nvidia-smi` and `vpd doctor` say more); run it "
            "where there is one, or set `device: cpu`"
        )
    if settings.device != "cpu" and "WORLD_SIZE" not in os.environ and torch.cuda.device_count() > 1:
        raise UserError(
            f"{torch.cuda.device_count()} GPUs are visible, but one process trains on one: start it with "
            "`accelerate launch`, or make one visible with CUDA_VISIBLE_DEVICES=0"
        )
