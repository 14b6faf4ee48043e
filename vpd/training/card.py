"""The model card: what the folder holds, how it was trained, and how to load it."""

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from vpd.records import TrainingRow
from vpd.training.curve import StepLoss
from vpd.training.settings import TASKS, FinetuneSettings, Task

_LIBRARIES = ("peft", "torch", "transformers", "trl")


def model_card(
    settings: FinetuneSettings, rows: Sequence[TrainingRow], losses: Sequence[StepLoss], adapter: bool
) -> str:
    """Markdown with the hub's YAML header.

    Args:
        settings: that the model was trained with.
        rows: that it was given.
        losses: of every step.
        adapter: whether the folder holds an adapter, and not a whole model.
    """
    local = Path(settings.model).is_dir()
    base = Path(settings.model).name if local else settings.model
    lines = [
        "---",
        *([] if local else [f"base_model: {base}"]),
        f"library_name: {'peft' if adapter else 'transformers'}",
        "pipeline_tag: image-text-to-text",
        "tags: [visual-program-distillation]",
        "---",
        "",
        f"# {base}, fine-tuned{' (adapter)' if adapter else ''}",
        "",
        "Fine-tuned by visual program distillation (Hu et al. 2024, arXiv 2312.03052). The licences of the base",
        "model and of the training data apply.",
        "",
        *(f"- {fact}" for fact in _facts(settings, rows, losses)),
        "",
        "```python",
        *_usage(settings, adapter),
        "```",
        "",
    ]
    return "\n".join(lines)


def _facts(settings: FinetuneSettings, rows: Sequence[TrainingRow], losses: Sequence[StepLoss]) -> list[str]:
    counts = Counter(row.task for row in rows)
    tasks: list[Task] = [task for task in TASKS if counts[task] and settings.weights.of(task)]
    examples = len({row.example_id for row in rows})
    twin = " (no rationales: the twin to compare with)" if tasks == ["label"] and len(counts) > 1 else ""
    vision = f"{'with' if settings.vision else 'without'} the vision encoder"
    weights = "All weights" if settings.method == "full" else f"Adapters (LoRA) of rank {settings.lora.rank}"
    return [
        f"Data: {', '.join(f'{counts[task]} {task} rows' for task in tasks)} of {examples} examples{twin}",
        f"Loss: {' + '.join(f'{settings.weights.of(task):g} x {task}' for task in tasks)}, each normalised by its"
        " own length",
        f"Steps: {len(losses)} of {settings.batch_size} examples, seed {settings.seed}",
        f"Optimiser: AdamW {settings.betas}, peak learning rate {settings.learning_rate:g}, warm-up"
        f" {settings.warmup:g}, cosine",
        f"Trained: {weights}, {vision}",
        *(f"Last {task} loss: {loss:.4f} nats per token" for task, loss in losses[-1].tasks.items()),
        f"Made with: {', '.join(f'{name} {version(name)}' for name in _LIBRARIES)}",
    ]


def _usage(settings: FinetuneSettings, adapter: bool) -> list[str]:
    revision = f', revision="{settings.revision}"' if settings.revision else ""
    source = f'"{settings.model}"{revision}' if adapter else '"THIS_FOLDER"'
    return [
        *(["from peft import PeftModel"] if adapter else []),
        "from transformers import AutoModelForImageTextToText, AutoProcessor",
        "",
        f"model = AutoModelForImageTextToText.from_pretrained({source})",
        *(['model = PeftModel.from_pretrained(model, "THIS_FOLDER")'] if adapter else []),
        'processor = AutoProcessor.from_pretrained("THIS_FOLDER")',
    ]
