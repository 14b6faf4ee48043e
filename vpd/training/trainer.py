"""TRL's supervised trainer with VPD's loss, a loss log of every step, and checkpoints that can be trusted.

From TRL come the head that computes log-probabilities without ever holding all logits, and what adapters need
under DeepSpeed, FSDP and gradient checkpointing. Its data preparation, collator and token-weighted loss are not
used: every batch here holds the same number of examples, so that means of means are the mean.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback
from trl.trainer.sft_trainer import SFTTrainer

from vpd.training import checkpoints
from vpd.training.arguments import processes
from vpd.training.curve import StepLoss, step_loss
from vpd.training.head import TargetHead
from vpd.training.loss import batch_loss, sequence_losses
from vpd.training.parts import parts
from vpd.training.seeing import Seeing
from vpd.training.settings import TASKS


class Finetuner(SFTTrainer):
    """Trains on batches of `collator.Collator`."""

    # Each micro-batch's loss is a mean over equally many examples; the base class divides by the number of them.
    loss_is_scaled_for_ga = False

    def __init__(self, on_step: Callable[[StepLoss], None], image_memory: float, **arguments: Any) -> None:
        """
        Args:
            on_step: is told of every optimiser step, in every process.
            image_memory: gigabytes for what a vision encoder makes of images that does not learn.
            **arguments: the base class's.
        """
        super().__init__(**arguments)
        self._sums = torch.zeros(1 + 2 * len(TASKS), dtype=torch.float64)
        self.add_callback(_StepReport(self, on_step))
        model: Any = self.model
        model = model.get_base_model() if hasattr(model, "peft_config") else model
        # Processes that share a model must all call the same parts of it at the same time: no short cuts there.
        self._head = TargetHead(model) if processes() == 1 else None
        encoder = model.get_encoder(modality="image")
        self._seeing = Seeing(encoder, image_memory) if self._head and encoder is not model else None

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        some = parts(inputs) if self._head else [inputs]
        with self._seeing.batch() if self._seeing else nullcontext():
            return torch.stack([self._loss(model, part) for part in some]).sum()

    def _loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        """A part's share in the loss."""
        coefficients, tasks, views, _ = (
            inputs.pop(name) for name in ("coefficients", "tasks", "views", "shown")
        )
        if self._seeing:
            self._seeing.show(views.tolist())
        if self._head:
            log_probs, targets = self._head.log_probs(model, inputs, inputs.pop("labels"))
        else:
            outputs = model(**inputs, use_cache=False, fused_lm_head=True)
            log_probs, targets = outputs.log_probs, outputs.label_mask
        losses = sequence_losses(log_probs, targets)
        loss = batch_loss(losses, coefficients)
        self._record(loss.detach(), losses.detach(), tasks.masked_fill(coefficients == 0, -1))
        return loss

    def take_sums(self) -> list[float]:
        """Of all processes since the last call: the objective, and each task's losses and rows."""
        sums = self.accelerator.reduce(self._sums.to(self.accelerator.device), reduction="sum")
        self._sums = torch.zeros_like(self._sums)
        micro_batches = self.args.gradient_accumulation_steps * self.args.world_size
        return [float(sums[0]) / micro_batches, *sums[1:].tolist()]

    def note(self, record: StepLoss) -> None:
        """Have the trackers told of the tasks' losses with the next report."""
        for task, loss in record.tasks.items():
            self._metrics["train"][f"{task}_loss"].append(loss)

    def create_model_card(self, *arguments: Any, **options: Any) -> None:
        """The card is written once, with the finished model."""

    def _record(self, loss: Any, losses: Any, tasks: Any) -> None:
        sums = [loss.double().view(1)]
        for task in range(len(TASKS)):
            chosen = (tasks == task).double()
            sums += [(losses.double() * chosen).sum().view(1), chosen.sum().view(1)]
        self._sums = self._sums.to(loss.device) + torch.cat(sums)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            checkpoints.mark(checkpoints.path(Path(str(self.args.output_dir)), self.state.global_step))

    def _send_telemetry(self) -> None:
        """Training tells nobody but those it was asked to tell."""


class _StepReport(TrainerCallback):
    """Reports every optimiser step."""

    def __init__(self, trainer: Finetuner, on_step: Callable[[StepLoss], None]) -> None:
        self._trainer = trainer
        self._on_step = on_step
        self._learning_rate = 0.0

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._learning_rate = float(kwargs["optimizer"].param_groups[0]["lr"])

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        objective, *sums = self._trainer.take_sums()
        record = step_loss(state.global_step, self._learning_rate, objective, sums[::2], sums[1::2])
        self._trainer.note(record)
        self._on_step(record)
