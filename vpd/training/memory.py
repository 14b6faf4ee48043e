"""How much memory of one device fine-tuning needs, from the model's configuration alone."""

from typing import Any, NamedTuple

from vpd.training.arguments import computes_in_bfloat16
from vpd.training.models import linear_layers
from vpd.training.settings import FinetuneSettings


class Memory(NamedTuple):
    """In bytes, on one device that holds the whole model; an estimate."""

    parameters: int
    """How many the model has."""
    trained: int
    """How many of them, or of its adapters, learn."""
    bfloat16: bool
    weights: float
    training: float
    """What learning adds: gradients, AdamW's two moments, and the adapters."""
    activations: float

    @property
    def total(self) -> float:
        return self.weights + self.training + self.activations


def estimate_memory(settings: FinetuneSettings, tokens: float, image_tokens: float) -> Memory | None:
    """Weights and optimiser exactly, activations by a rule.

    A transformer layer keeps about 34 bytes for each token and hidden unit in 16-bit arithmetic where attention
    stores no scores (Korthikanti et al. 2022, arXiv 2205.05198, equation 1), twice that in 32-bit. With gradient
    checkpointing, each layer keeps its input alone, and one layer at a time is computed again. The vision encoder
    sees four patches for each token that an image becomes, as in the Qwen-VL family.

    Args:
        settings: of the training.
        tokens: of the rows of the longest example.
        image_tokens: those of them that are images'.

    Returns:
        None where the model's configuration cannot be had.
    """
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    try:
        config: Any = AutoConfig.from_pretrained(settings.model, revision=settings.revision)
        with torch.device("meta"):
            model: Any = AutoModelForImageTextToText.from_config(config)
    except (OSError, ValueError):
        return None
    bfloat16 = computes_in_bfloat16(settings)
    small = 2 if bfloat16 else 4
    parameters = sum(weight.numel() for weight in model.parameters())
    if settings.method == "lora":
        chosen = set(linear_layers(model, settings))
        layers = [module for name, module in model.named_modules() if name in chosen]
        trained = settings.lora.rank * sum(each.in_features + each.out_features for each in layers)
        weights, training = parameters * small, trained * 16  # its own weights, gradients, two moments
    else:
        left_out = 0 if settings.vision else _size(model.get_encoder(modality="image"))
        trained = parameters - left_out
        # Kept in 32 bits; under autocast a copy in 16 besides.
        weights, training = parameters * (4 + (small if bfloat16 else 0)), trained * 12
    text = config.get_text_config()
    vision = getattr(config, "vision_config", None)
    saving = settings.gradient_checkpointing
    activations = settings.micro_batch_size * (
        _activations(text, tokens, small, saving) + _activations(vision, 4 * image_tokens, small, saving)
    )
    return Memory(parameters, trained, bfloat16, weights, training, activations)


def _activations(config: Any, tokens: float, small: int, saving: bool) -> float:
    hidden = getattr(config, "hidden_size", 0)
    layers = getattr(config, "num_hidden_layers", None) or getattr(config, "depth", 0)
    each = 17 * small * tokens * hidden
    return layers * small * tokens * hidden + each if saving else layers * each


def _size(module: Any) -> int:
    return sum(weight.numel() for weight in module.parameters())
