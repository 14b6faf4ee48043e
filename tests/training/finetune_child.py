"""A fine-tuning run in a process of its own, to be killed: settings as JSON, image folder, output folder."""

import sys
from pathlib import Path


def main() -> None:
    import torch

    from tests.training.training_rows import mixed_rows
    from vpd.training.finetuning import finetune
    from vpd.training.settings import FinetuneSettings

    torch.set_num_threads(1)
    settings, root, out = (
        FinetuneSettings.model_validate_json(sys.argv[1]),
        Path(sys.argv[2]),
        Path(sys.argv[3]),
    )
    finetune(settings, mixed_rows(root), root, out)


if __name__ == "__main__":
    main()
