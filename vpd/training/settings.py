"""The part of a recipe that says how a model is fine-tuned; the defaults are those of the VPD paper."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vpd.records import Json

Task = Literal["label", "rationale", "trajectory"]

TASKS: tuple[Task, ...] = ("label", "rationale", "trajectory")

Weight = Annotated[float, Field(ge=0)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TaskWeights(_Settings):
    """How much each term of the loss counts; VPD's loss is the unweighted sum (Hu et al. 2024, arXiv 2312.03052).

    A task of weight 0 is not trained on, but its examples keep their places in the batches.
    """

    label: Weight = 1.0
    rationale: Weight = 1.0
    trajectory: Weight = 1.0

    def of(self, task: Task) -> float:
        return {"label": self.label, "rationale": self.rationale, "trajectory": self.trajectory}[task]


class LoraSettings(_Settings):
    """Low-rank adapters on every linear layer but the language model's head."""

    rank: int = Field(default=8, ge=1)
    alpha: int = Field(default=16, ge=1)
    """The adapter's output is scaled by alpha / rank."""
    dropout: float = Field(default=0.0, ge=0, lt=1)


class FinetuneSettings(_Settings):
    """How a model is fine-tuned."""

    model: str
    """Folder or hub id of an image-text-to-text model."""
    revision: str | None = None
    """Commit or tag on the hub; give one for results that stay the same."""
    processor: dict[str, Json] = Field(default_factory=dict)
    """Arguments of `AutoProcessor.from_pretrained`, e.g. `max_pixels: 501760`; saved with the model."""
    method: Literal["lora", "full"] = "lora"
    lora: LoraSettings = LoraSettings()
    vision: bool = True
    """Whether the vision encoder learns too: with adapters, or in full."""
    weights: TaskWeights = TaskWeights()
    steps: int | None = Field(default=None, ge=1)
    """Optimiser steps; null for as many as `epochs` need."""
    epochs: float = Field(default=1.0, gt=0)
    """Passes over the examples, where `steps` is not given."""
    batch_size: int = Field(default=128, ge=1)
    """Examples per optimiser step, each with all its rows, over all devices and accumulation steps."""
    micro_batch_size: int = Field(default=1, ge=1)
    """Examples that one device computes at once; changes memory and speed, not the loss."""
    learning_rate: float = Field(default=1e-4, gt=0)
    """At its peak, after the warm-up; it then falls to 0 along a cosine."""
    warmup: float = Field(default=0.01, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    betas: tuple[float, float] = (0.9, 0.98)
    """Of AdamW."""
    weight_decay: float = Field(default=0.0, ge=0)
    max_gradient_norm: float = Field(default=1.0, gt=0)
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    """What is computed in; auto takes bfloat16 on a GPU and float32 on the CPU."""
    gradient_checkpointing: bool = True
    """Compute activations again in the backward pass: less memory, about a third more time."""
    image_memory: float = Field(default=1.0, ge=0)
    """Gigabytes of main memory for what a vision encoder that does not learn makes of images: each is seen once."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """auto takes the GPUs that the launcher gives, if there are any; cuda refuses to train without one."""
    seed: int = 0
    """Of the adapters' first weights, the order of the examples and dropout."""
    checkpoint_every: int = Field(default=500, ge=1)
    """Optimiser steps between checkpoints: what a crash can cost."""
    keep_checkpoints: int = Field(default=2, ge=2)
    """The newest ones that stay; at least two, since the newest may be half written when a crash comes."""
    loader_workers: int = Field(default=0, ge=0)
    """Processes that prepare batches beside the training; 0 prepares them in turn."""
    log_to: tuple[Literal["tensorboard", "wandb"], ...] = ()
    """Trackers, beside the loss log that is always written."""
    log_every: int = Field(default=10, ge=1)
    """Optimiser steps between what trackers are told."""
    merge: bool = False
    """Also save the model with its adapters merged in, for programs that load no adapters."""

    def outcome(self) -> dict[str, Json]:
        """The settings that the trained weights depend on; a run may be resumed with others changed."""
        free = {
            "micro_batch_size",
            "gradient_checkpointing",
            "device",
            "checkpoint_every",
            "keep_checkpoints",
        }
        free |= {"image_memory", "loader_workers", "log_to", "log_every", "merge"}
        return self.model_dump(mode="json", exclude=free)


def twin(settings: FinetuneSettings) -> FinetuneSettings:
    """The settings of the no-rationale twin: the same, but with the label term alone in the loss.

    Trained on the same rows, the twin has the same budget in this sense: as many optimiser steps, under the same
    schedule; in every step the label rows of the very examples that the student sees in that step, in the same
    order and with the same share in the loss; and the same first adapter weights. It reads fewer tokens, since
    it has no rationales to read.
    """
    weights = TaskWeights(label=settings.weights.label, rationale=0.0, trajectory=0.0)
    return settings.model_copy(update={"weights": weights})
