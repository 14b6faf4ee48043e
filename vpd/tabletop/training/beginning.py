"""Training that begins with a model's saved weights, where the checkpoints of their own run are gone."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from vpd.errors import UserError

_UNSAVED = "eyes_heads."
"""Of the vision-language models: what they learn beside their answers, and leave out of their weights."""


def begin_with(folder: Path, model: Any) -> str:
    """Give a fresh model the weights in a folder.

    Returns:
        The first half of the file's SHA-256.

    Raises:
        UserError: there are none, or of another model.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    file = next(folder.glob("*.safetensors"), None)
    if file is None:
        raise UserError(
            f"{folder} holds no weights to go on from; leave out --prolong to train from random ones"
        )
    # Of transformers' classes some write other names than they use.
    own = hasattr(model, "from_pretrained")
    try:
        weights = type(model).from_pretrained(folder).float().state_dict() if own else load_file(file)
        missing, unexpected = model.load_state_dict(weights, strict=False)
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        raise UserError(f"{file} holds no model of this kind and size, or is damaged") from error
    if unexpected or any(not name.startswith(_UNSAVED) for name in missing):
        raise UserError(f"{file} holds a model of another kind or size")
    return sha256(file.read_bytes()).hexdigest()[:32]


def earlier_runs(folder: Path) -> list[str]:
    """Of the runs that made a folder's weights, the latest first: steps, examples, seed, time and place, out of its
    card; [] where it has none."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    steps, took = (re.search(rf"^- {name}: (.+)$", text, re.MULTILINE) for name in ("Steps", "Time"))
    last = [f"{steps[1]}; {took[1]}"] if steps and took else []
    return last + re.findall(r"^- Before that: (.+)$", text, re.MULTILINE)
