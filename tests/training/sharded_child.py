"""One process of a sharded run on a machine without GPUs.

torch shards over processors as it does over GPUs, but accelerate asks for GPUs before it shards. It is told here
that there are some; everything else is the real thing.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.training.training_rows import with_text_only
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings


def train(told: Mapping[str, str], settings: FinetuneSettings, root: Path, out: Path) -> None:
    """
    Args:
        told: the environment variables that the launcher sets.
        settings: of the training.
        root: the image folder.
        out: where the model goes.
    """
    os.environ.update(told)
    import torch

    pretend_gpus()
    torch.set_num_threads(1)
    finetune(settings, with_text_only(root), root, out)
    assert any(type(module).__name__.startswith("FSDP") for module in _modules()), "nothing was sharded"


def pretend_gpus() -> None:
    from accelerate import PartialState, state
    from accelerate.utils import DistributedType

    begin = state.AcceleratorState.__init__

    def begin_with_gpus(self: Any, *arguments: Any, **options: Any) -> None:
        if not state.AcceleratorState._shared_state:
            PartialState(cpu=True)
            PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU
        begin(self, *arguments, **options)

    state.AcceleratorState.__init__ = begin_with_gpus


def _modules() -> list[Any]:
    import gc

    from torch import nn

    return [each for each in gc.get_objects() if isinstance(each, nn.Module)]
