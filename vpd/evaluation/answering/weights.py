"""The files of a local model: what they are known by, and how they are loaded."""

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, cast

from vpd.errors import UserError

DTYPES = ("auto", "float32", "bfloat16", "float16")
_CONTENT = (".safetensors", ".bin", ".json", ".jinja", ".model", ".txt")
"""Files of a model's folder that can change its replies: weights, settings, templates and vocabularies."""


class LocalSettings(NamedTuple):
    """Which model, and how it runs."""

    model: str
    """Folder or hub id of a model, or the folder of an adapter."""
    revision: str | None = None
    device: str = "auto"
    """auto takes the first GPU if there is one."""
    dtype: str = "auto"
    """auto takes bfloat16 on a GPU that has it, and float32 on the CPU."""
    batch_size: int = 8
    """The most conversations at once; halved when memory runs out."""


def identity(settings: LocalSettings) -> str:
    """All that can change a model's replies, beside the conversation.

    Raises:
        UserError: a package is missing, or the settings name what there is not.
    """
    adapter = _adapter(settings.model)
    parts = [_content(settings.model, settings.revision)]
    if adapter is not None:
        parts.append(_content(adapter["base_model_name_or_path"], adapter.get("revision")))
    try:
        library = version("transformers")
    except PackageNotFoundError as error:
        raise _no_packages() from error
    return f"{' on '.join(parts)}, {_dtype(settings)}, transformers {library}"


def load(settings: LocalSettings) -> tuple[Any, Any]:
    """The model in evaluation mode on its device, and its processor.

    Raises:
        UserError: a package is missing, there is no such model or device, or it takes no images.
    """
    try:
        import torch
        from transformers import AutoModelForImageTextToText, AutoProcessor
        from transformers.utils import logging
    except ImportError as error:
        raise _no_packages() from error
    logging.disable_progress_bar()  # the terminal shows the progress of answers
    device = _device(settings)
    try:
        adapter = _adapter(settings.model)
        name = settings.model if adapter is None else adapter["base_model_name_or_path"]
        revision = settings.revision if adapter is None else adapter.get("revision")
        model: Any = AutoModelForImageTextToText.from_pretrained(
            name, revision=revision, dtype=getattr(torch, _dtype(settings)), trust_remote_code=False
        )
        if adapter is not None:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, settings.model)
        own = adapter is None or (Path(settings.model) / "tokenizer_config.json").exists()
        processor: Any = AutoProcessor.from_pretrained(
            settings.model if own else name,
            revision=revision if adapter is None or not own else None,
            trust_remote_code=False,
        )
        model = model.to(device).eval()
    except ImportError as error:
        raise UserError(f"{settings.model} needs another package: {first_line(error)}") from error
    except (OSError, ValueError, RuntimeError, AssertionError) as error:
        raise UserError(f"cannot load the model {settings.model}: {first_line(error)}") from error
    if not hasattr(processor, "tokenizer"):
        raise UserError(f"{settings.model} has no image-text processor; choose a vision-language model")
    processor.tokenizer.padding_side = "left"  # what is written continues the prompt's last token
    return model, processor


def _device(settings: LocalSettings) -> str:
    import torch

    if settings.device != "auto":
        return settings.device
    return "cuda" if torch.cuda.is_available() else "cpu"


def _dtype(settings: LocalSettings) -> str:
    """
    Raises:
        UserError: there is no such type, or no torch to ask what the device has.
    """
    if settings.dtype not in DTYPES:
        raise UserError(f"--dtype {settings.dtype}: there are {', '.join(DTYPES)}")
    if settings.dtype != "auto":
        return settings.dtype
    try:
        import torch
    except ImportError as error:
        raise _no_packages() from error
    on_gpu = torch.cuda.is_available() and _device(settings).startswith("cuda")
    half = on_gpu and torch.cuda.is_bf16_supported()
    return "bfloat16" if half else "float32"


def _no_packages() -> UserError:
    return UserError("running a model needs torch and transformers; pip install 'vpd[models]'")


def _adapter(model: str) -> dict[str, Any] | None:
    """The configuration of an adapter's folder; None for a whole model.

    Raises:
        UserError: it does not say which model it adapts.
    """
    path = Path(model) / "adapter_config.json"
    if not path.exists():
        return None
    try:
        values: Any = json.loads(path.read_bytes())
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {first_line(error)}") from error
    if not isinstance(values, dict) or not isinstance(
        cast("dict[str, Any]", values).get("base_model_name_or_path"), str
    ):
        raise UserError(f"{path} does not say which model it adapts; add `base_model_name_or_path`")
    return cast("dict[str, Any]", values)


def _content(model: str, revision: str | None) -> str:
    """A local folder by its files' content, a hub model by its name and revision."""
    folder = Path(model)
    if not folder.is_dir():
        return f"{model}@{revision or 'main'}"
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.suffix in _CONTENT:
            digest.update(file.name.encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return f"sha256={digest.hexdigest()[:32]}"


def first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
