"""The model card: what the folder holds, how it was trained, and how to load it."""

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version

from vpd.records import TrainingRow
from vpd.training.curve import StepLoss
from vpd.training.settings import TASKS, FinetuneSettings

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
    counts = Counter(row.task for row in rows)
    trained = [task for task in TASKS if counts[task] and settings.weights.of(task)]
    examples = len({row.example_id for row in rows})
    lines = [
        "---",
        f"base_model: {settings.model}",
        f"library_name: {'peft' if adapter else 'transformers'}",
        "pipeline_tag: image-text-to-text",
        "tags: [visual-program-distillation]",
        "---",
        "",
        f"# {'Adapter for' if adapter else 'Fine-tuned'} {settings.model}",
        "",
        "Fine-tuned by visual program distillation (Hu et al. 2024, arXiv 2312.03052). The base model's licence and",
        "those of the training data apply.",
        "",
        f"- Trained on: {', '.join(f'{counts[task]} {task} rows' for task in trained)} of {examples} examples"
        + (
            ""
            if len(trained) > 1
            else " (no rationales: the twin to compare with)"
            if trained == ["label"]
            else ""
        ),
        f"- Loss: {' + '.join(f'{settings.weights.of(task):g} x {task}' for task in trained)}, each normalised by "
        "its own length",
        f"- {len(losses)} steps of {settings.batch_size} examples, AdamW {settings.betas}, peak learning rate "
        f"{settings.learning_rate:g}, cosine, warm-up {settings.warmup:g}, seed {settings.seed}",
        f"- {_method(settings)}",
        *(f"- Last {task} loss: {losses[-1].tasks[task]:.4f} nats per token" for task in losses[-1].tasks),
        f"- Made with {', '.join(f'{name} {version(name)}' for name in _LIBRARIES)}",
        "",
        "```python",
        *_usage(settings, adapter),
        "```",
        "",
    ]
    return "\n".join(lines)


def _method(settings: FinetuneSettings) -> str:
    vision = "with" if settings.vision else "without"
    if settings.method == "full":
        return f"All weights trained, {vision} the vision encoder"
    return f"LoRA of rank {settings.lora.rank} on all linear layers, {vision} those of the vision encoder"


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
