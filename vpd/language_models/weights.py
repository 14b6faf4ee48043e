"""Loading a causal model and its tokenizer, and saying which one it is."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vpd.language_models.errors import ModelNotFoundError
from vpd.language_models.protocol import Identity
from vpd.language_models.settings import TransformersSettings
from vpd.language_models.tokens import load_tokenizer


@dataclass(frozen=True, slots=True)
class Loaded:
    model: Any
    tokenizer: Any
    end_tokens: frozenset[int]
    context: int | None
    """The most tokens of prompt and completion together; None if the model does not say."""


def require_packages() -> None:
    """
    Raises:
        ModelNotFoundError: torch or transformers is not installed.
    """
    for package in ("torch", "transformers"):
        if find_spec(package) is None:
            raise ModelNotFoundError(
                f'the provider "transformers" needs {package}: pip install "vpd[models]"'
            )


def identity(settings: TransformersSettings) -> Identity:
    """A model on the hub by its id and revision; one in a folder by the content of its files, so that weights
    trained anew under the same name are another model."""
    folder = Path(settings.model)
    if folder.is_dir():
        name, version = folder.resolve().name, {"files": _digest(folder)}
    else:
        name, version = settings.model, {"revision": settings.revision or "main"}
    return Identity("transformers", name, {**version, "dtype": settings.dtype})


def load(settings: TransformersSettings) -> Loaded:
    """
    Raises:
        ModelNotFoundError: there is no such model, or it cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig
    from transformers.utils import logging

    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = load_tokenizer(settings.model, settings.revision)
    logging.disable_progress_bar()  # the terminal shows the progress of the run
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            settings.model, revision=settings.revision, dtype=settings.dtype, trust_remote_code=False
        )
        model = model.to(device).eval()
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelNotFoundError(
            f"the model {settings.model} cannot be loaded ({reason}); name a folder or hub id of a causal "
            "model, and a device that is there"
        ) from None
    ends = model.generation_config.eos_token_id
    end_tokens = {tokenizer.eos_token_id, *(ends if isinstance(ends, list) else [ends])} - {None}
    # Of the model's own defaults (penalties, top-k) none applies: a request says all there is to say.
    model.generation_config = GenerationConfig()
    context = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return Loaded(model, tokenizer, frozenset(end_tokens), context)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.name} {content}\n".encode())
    return digest.hexdigest()
