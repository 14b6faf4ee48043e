"""What a user does with a trained model, without this project: load the folders and look at the outputs."""

import sys
from pathlib import Path
from typing import Any


def outputs(base: str, adapter: str, given: dict[str, Any]) -> dict[str, Any]:
    """Of the model in a folder, with the adapter in another if one is given."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForImageTextToText

    model: Any = AutoModelForImageTextToText.from_pretrained(base)
    if adapter:
        model = PeftModel.from_pretrained(model, adapter)
    model.eval()
    with torch.no_grad():
        logits = model(**given).logits
        tokens = model.generate(**given, max_new_tokens=6, do_sample=False)
    return {"logits": logits.contiguous(), "tokens": tokens.contiguous()}


def reload(base: Path, adapter: Path, inputs: Path, results: Path) -> None:
    """The same in a process of its own: inputs and outputs are safetensors files."""
    import torch
    from safetensors.torch import load_file, save_file

    torch.set_num_threads(1)
    save_file(outputs(str(base), str(adapter), load_file(inputs)), results)
    assert not any(name.split(".")[0] in ("vpd", "trl") for name in sys.modules)
