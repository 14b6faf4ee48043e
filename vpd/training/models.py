"""What is trained: a model and its processor, the layers that get adapters, and adapters merged back in."""

from pathlib import Path
from typing import Any

from vpd.errors import UserError
from vpd.training.settings import FinetuneSettings


def require_folder(settings: FinetuneSettings) -> None:
    """
    Raises:
        UserError: the model's name can only be that of a folder, and there is none.
    """
    name = settings.model
    if (name.startswith((".", "/", "~")) or name.count("/") > 1) and not Path(name).is_dir():
        raise UserError(
            f"the model folder {name} does not exist; `finetune.model` takes a folder, or a hub id such as "
            "Qwen/Qwen3-VL-4B-Instruct"
        )


def load_processor(settings: FinetuneSettings) -> Any:
    """The model's processor.

    Raises:
        UserError: there is no such model, or its tokenizer does not tell which characters a token stands for.
    """
    from transformers import AutoProcessor

    require_folder(settings)
    try:
        processor: Any = AutoProcessor.from_pretrained(
            settings.model, revision=settings.revision, trust_remote_code=False, **settings.processor
        )
    except (OSError, ValueError) as error:
        raise UserError(f"cannot load the processor of {settings.model}: {_first_line(error)}") from error
    if not getattr(getattr(processor, "tokenizer", None), "is_fast", False):
        raise UserError(
            f"{settings.model} has no image-text processor with a fast tokenizer, which is needed to mask parts of "
            "a text; choose another model"
        )
    return processor


def load_model(settings: FinetuneSettings, bfloat16: bool) -> Any:
    """The model, with its vision encoder frozen where it is not to learn.

    The weights of adapters and of full training stay in float32, or small steps would be lost to rounding; only
    weights that do not learn are loaded in bfloat16.

    Raises:
        UserError: there is no such model, it takes no images, or it keeps its vision encoder to itself.
    """
    import torch
    from transformers import AutoModelForImageTextToText

    frozen = settings.method == "lora"
    try:
        model: Any = AutoModelForImageTextToText.from_pretrained(
            settings.model,
            revision=settings.revision,
            dtype=torch.bfloat16 if bfloat16 and frozen else torch.float32,
            trust_remote_code=False,
        )
    except (OSError, ValueError) as error:
        raise UserError(f"cannot load the model {settings.model}: {_first_line(error)}") from error
    if settings.method == "full" and not settings.vision:
        _vision_encoder(model, settings).requires_grad_(False)
    return model


def lora_config(model: Any, settings: FinetuneSettings) -> Any:
    """PEFT's configuration: adapters on every linear layer but the language model's head."""
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules=linear_layers(model, settings),
        task_type="CAUSAL_LM",
        revision=settings.revision,
    )


def linear_layers(model: Any, settings: FinetuneSettings) -> list[str]:
    """The names of the linear layers that get adapters."""
    from torch import nn

    head = model.get_output_embeddings()
    left_out = set() if settings.vision else set(_vision_encoder(model, settings).modules())
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and module is not head and module not in left_out
    ]


def merge(adapter: Path, folder: Path) -> None:
    """Save the base model of `adapter` with the adapter merged in, in the type that the base is stored in."""
    from peft import PeftConfig, PeftModel
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.integrations.deepspeed import unset_hf_deepspeed_config

    unset_hf_deepspeed_config()  # after training under ZeRO-3, or one process would wait for all to load their share
    config: Any = PeftConfig.from_pretrained(str(adapter))
    base: Any = AutoModelForImageTextToText.from_pretrained(
        config.base_model_name_or_path, revision=config.revision, dtype="auto", trust_remote_code=False
    )
    merged: Any = PeftModel.from_pretrained(base, str(adapter)).merge_and_unload()  # pyright: ignore[reportCallIssue]
    merged.save_pretrained(folder)
    AutoProcessor.from_pretrained(adapter).save_pretrained(folder)


def save_again(folder: Path) -> None:
    """Load and save a model: DeepSpeed's ZeRO-3 leaves names of weights that transformers alone can read."""
    from transformers import AutoModelForImageTextToText
    from transformers.integrations.deepspeed import unset_hf_deepspeed_config

    unset_hf_deepspeed_config()
    model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype="auto")
    model.save_pretrained(folder, save_original_format=False)


def _vision_encoder(model: Any, settings: FinetuneSettings) -> Any:
    encoder = model.get_encoder(modality="image")
    if encoder is model:
        raise UserError(
            f"transformers does not say which part of {settings.model} is its vision encoder; set `vision: true`"
        )
    return encoder


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
