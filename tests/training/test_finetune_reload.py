"""What was saved loads in plain transformers and PEFT, in a fresh process, with the trained model's outputs."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.training.training_rows import mixed_rows, user
from vpd.training import finetuning
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings

CHILD = Path(__file__).with_name("reload_child.py")


def prompt(processor: Any, root: Path) -> dict[str, Any]:
    text = processor.apply_chat_template([user("How many?")], tokenize=False, add_generation_prompt=True)
    return dict(processor(text=[text], images=[Image.open(root / "gold.png")], return_tensors="pt"))


def in_fresh_process(base: Path, adapter: Path | None, inputs: Path, root: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    command = [sys.executable, str(CHILD), str(base), str(adapter or ""), str(inputs), str(root / "outputs")]
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE)
    return load_file(root / "outputs")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_fresh_process_gets_the_outputs_of_the_trained_model(
    method: str, tiny_vlm: Path, processor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from safetensors.torch import save_file

    rows = mixed_rows(tmp_path)
    inputs = prompt(processor, tmp_path)
    save_file(inputs, tmp_path / "inputs")
    trained: dict[str, Any] = {}
    save = finetuning._save

    def spy(trainer: Any, *rest: Any) -> None:
        model = trainer.model.eval()
        with torch.no_grad():
            trained["logits"] = model(**inputs).logits
            trained["tokens"] = model.generate(**inputs, max_new_tokens=6, do_sample=False)
        save(trainer, *rest)

    monkeypatch.setattr(finetuning, "_save", spy)
    settings = FinetuneSettings(
        model=str(tiny_vlm),
        method=method,
        merge=True,
        steps=3,
        batch_size=5,
        learning_rate=2e-2,
        warmup=0.0,
        device="cpu",
    )
    done = finetune(settings, rows, tmp_path, tmp_path / "out")
    adapter = done.folder if method == "lora" else None
    base = tiny_vlm if method == "lora" else done.folder
    fresh = in_fresh_process(base, adapter, tmp_path / "inputs", tmp_path)
    assert fresh["logits"].equal(trained["logits"])
    assert fresh["tokens"].equal(trained["tokens"])
    if done.merged:
        merged = in_fresh_process(done.merged, None, tmp_path / "inputs", tmp_path)
        assert merged["logits"].numpy() == pytest.approx(trained["logits"].numpy(), abs=1e-4)
        assert merged["tokens"].equal(trained["tokens"])
