"""Fine-tuning: from training rows to a model's folder, going on from where a broken run stopped."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from vpd.errors import UserError
from vpd.progress import progress
from vpd.records import TrainingRow
from vpd.training import checkpoints, curve, items
from vpd.training.arguments import computes_in_bfloat16, is_main, processes, trainer_arguments
from vpd.training.card import model_card
from vpd.training.collator import Collator
from vpd.training.models import load_model, load_processor, lora_config, merge, save_again
from vpd.training.rendering import render
from vpd.training.settings import FinetuneSettings


class Finetuned(NamedTuple):
    """Where the results lie."""

    folder: Path
    """`adapter` or `model`: a standard Hugging Face folder with the processor and a model card."""
    merged: Path | None
    """The whole model with its adapter merged in, where that was asked for."""
    losses: Path
    """JSON lines, one per optimiser step; read with `curve.read`."""


def finetune(
    settings: FinetuneSettings, rows: Sequence[TrainingRow], image_root: Path, out: Path
) -> Finetuned:
    """Train a model on rows. The same call again goes on from the last checkpoint, or does nothing when done.

    A resumed run takes the same steps as an unbroken one: the order of the examples depends on the seed alone,
    and optimiser, schedule and random states are restored. Under `accelerate launch` every process calls this.

    Args:
        settings: what is trained, and how.
        rows: label, rationale and trajectory rows; those of one example share its `example_id`.
        image_root: the folder that the rows' image names are relative to.
        out: where everything is written; it belongs to this run alone.

    Raises:
        UserError: a package, model, image or template is missing or unfit, a row is malformed, the batch does not
            divide among the devices, or `out` holds a run with other settings or rows.
    """
    _require_packages(settings)
    if not rows:
        raise UserError("there are no training rows to learn from; `vpd distill` makes them")
    adapter = settings.method == "lora"
    folder = out / ("adapter" if adapter else "model")
    merged = out / "merged" if adapter and settings.merge else None
    losses = out / "losses.jsonl"
    if is_main():
        _claim(out / "finetuning.json", {"settings": settings.outcome(), "rows": _digest(rows)})
    if not folder.exists():
        _train(settings, rows, image_root, losses, folder)
    if merged and not merged.exists() and is_main():
        _whole(merged, partial(_merge, settings, rows, folder, losses))
    return Finetuned(folder, merged, losses)


def _train(
    settings: FinetuneSettings, rows: Sequence[TrainingRow], image_root: Path, losses: Path, folder: Path
) -> None:
    import torch
    from datasets import Dataset
    from transformers.trainer_callback import PrinterCallback

    from vpd.training.trainer import Finetuner

    out = folder.parent
    processor = load_processor(settings)
    if is_main():
        _check(rows, processor, image_root)
    examples = items.group(rows)
    steps = items.steps(settings, len(examples))
    order = items.order(len(examples), steps * settings.batch_size, settings.seed)
    # Made before the model: its weights are sharded as they load, where the launcher says so.
    arguments = trainer_arguments(settings, steps, out / "checkpoints", out.name)
    with arguments.main_process_first():
        checkpoint = checkpoints.newest(out / "checkpoints")
    done = checkpoints.step(checkpoint) if checkpoint else 0
    model = load_model(settings, computes_in_bfloat16(settings))
    shared = processes() > 1 and any(row.images for row in rows)
    with progress("finetune", steps, done) if is_main() else nullcontext() as advance:
        began = time.monotonic()

        def on_step(record: curve.StepLoss) -> None:
            if advance:
                curve.append(losses, record)
                pace = (record.step - done) * settings.batch_size / (time.monotonic() - began)
                advance(1, f"loss {record.loss:.4f}, {pace:.3g} examples/s")

        trainer: Any = Finetuner(
            on_step,
            settings.image_memory,
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict({"item": order}),
            data_collator=Collator(
                processor, rows, examples, settings.weights, image_root, always_images=shared
            ),
            processing_class=processor,
            peft_config=lora_config(model, settings) if settings.method == "lora" else None,
            callbacks=_trackers(settings, out, done),
        )
        trainer.remove_callback(PrinterCallback)
        if is_main():
            curve.rewind(losses, done)
        try:
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except torch.OutOfMemoryError as error:
            raise UserError(
                f"the GPU has too little memory for `micro_batch_size` {settings.micro_batch_size}: lower it (the "
                "batch stays the same), set `gradient_checkpointing: true`, or show smaller images with "
                "`processor: {max_pixels: ...}`"
            ) from error
    _whole(folder, partial(_save, trainer, settings, rows, losses))


def _save(
    trainer: Any, settings: FinetuneSettings, rows: Sequence[TrainingRow], losses: Path, folder: Path
) -> None:
    """Save the trained weights, the processor and a card; sharded weights are gathered by all processes."""
    trainer.save_model(str(folder))
    if is_main():
        (folder / "training_args.bin").unlink()  # a pickle, of use to nobody but the trainer
        if settings.method == "full" and trainer.is_deepspeed_enabled:
            save_again(folder)
        _write_card(settings, rows, losses, folder, adapter=settings.method == "lora")


def _merge(
    settings: FinetuneSettings, rows: Sequence[TrainingRow], adapter: Path, losses: Path, folder: Path
) -> None:
    merge(adapter, folder)
    _write_card(settings, rows, losses, folder, adapter=False)


def _write_card(
    settings: FinetuneSettings, rows: Sequence[TrainingRow], losses: Path, folder: Path, adapter: bool
) -> None:
    card = model_card(settings, rows, curve.read(losses), adapter)
    (folder / "README.md").write_text(card, encoding="utf-8")


def _whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Have a folder written under another name, so that it exists whole or not at all."""
    part = folder.with_name(f".{folder.name}.part")
    if is_main() and part.exists():
        shutil.rmtree(part)
    write(part)
    if is_main():
        part.rename(folder)


def _check(rows: Sequence[TrainingRow], processor: Any, image_root: Path) -> None:
    """Find malformed rows and missing images before hours are spent."""
    for row in rows:
        render(processor, row)
    for path in {view.image.path: None for row in rows for view in row.images}:
        if not (image_root / path).is_file():
            raise UserError(
                f"the training rows show {path}, which is not in {image_root}; give the right folder"
            )


_LEARNT = ("checkpoints", "losses.jsonl", "adapter", "model", "merged")
"""What a folder holds once something was learnt."""


def _claim(file: Path, identity: dict[str, Any]) -> None:
    """Write down what a folder's run is, or see that it is the same run; one that has learnt nothing does not count."""
    if any((file.parent / name).exists() for name in _LEARNT):
        if not file.exists() or json.loads(file.read_text(encoding="utf-8")) != identity:
            raise UserError(
                f"{file.parent} holds a run with other settings or training rows; choose another folder, or remove "
                "this one to start again"
            )
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")
    part.replace(file)


def _digest(rows: Sequence[TrainingRow]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(row.model_dump_json().encode() + b"\n")
    return digest.hexdigest()


def _trackers(settings: FinetuneSettings, out: Path, done: int) -> list[Any]:
    if "tensorboard" not in settings.log_to or not is_main():
        return []
    from torch.utils.tensorboard.writer import SummaryWriter
    from transformers.integrations.integration_utils import TensorBoardCallback

    # Steps that are taken again after a crash replace what was logged of them.
    writer = SummaryWriter(str(out / "tensorboard"), purge_step=done + 1 if done else None)
    return [TensorBoardCallback(writer)]


def _require_packages(settings: FinetuneSettings) -> None:
    missing = [
        name for name in ("accelerate", "datasets", "peft", "transformers", "trl") if find_spec(name) is None
    ]
    if missing:
        raise UserError(f"fine-tuning needs {', '.join(missing)}; run `pip install 'vpd[train]'`")
    for tracker in settings.log_to:
        if find_spec(tracker) is None:
            raise UserError(f"`log_to` names {tracker}, which is not installed; run `pip install {tracker}`")
