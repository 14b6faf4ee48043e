"""A fine-tuning run in a process of its own, to be killed."""

from pathlib import Path

from tests.training.training_rows import mixed_rows
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings


def train(settings: FinetuneSettings, root: Path, out: Path) -> None:
    import torch

    torch.set_num_threads(1)
    finetune(settings, mixed_rows(root), root, out)
