"""What was saved loads in plain transformers and PEFT with the trained model's outputs, also in a fresh process."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image

from tests.training import reload_child
from tests.training.training_rows import mixed_rows, user
from vpd.training import finetuning
from vpd.training.finetuning import Finetuned, finetune
from vpd.training.settings import FinetuneSettings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def inputs(processor: Any, tmp_path: Path) -> dict[str, Any]:
    mixed_rows(tmp_path)
    text = processor.apply_chat_template([user("How many?")], tokenize=False, add_generation_prompt=True)
    return dict(processor(text=[text], images=[Image.open(tmp_path / "gold.png")], return_tensors="pt"))


def train(
    tiny_vlm: Path,
    method: Literal["lora", "full"],
    inputs: dict[str, Any],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Finetuned, dict[str, Any]]:
    """A trained model's folders, and its outputs while it was still in the trainer's hands."""
    import torch

    seen: dict[str, Any] = {}
    save = finetuning._save

    def spy(trainer: Any, *rest: Any) -> None:
        model = trainer.model.eval()
        with torch.no_grad():
            seen["logits"] = model(**inputs).logits
            seen["tokens"] = model.generate(**inputs, max_new_tokens=6, do_sample=False)
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
    return finetune(settings, mixed_rows(root), root, root / "out"), seen


@pytest.mark.slow
def test_an_adapter_in_a_fresh_process_has_the_outputs_of_the_trained_model(
    tiny_vlm: Path, inputs: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file, save_file

    done, trained = train(tiny_vlm, "lora", inputs, tmp_path, monkeypatch)
    save_file(inputs, tmp_path / "inputs")
    # Not by way of a fork server: another test's may have imported this project before.
    code = "import sys; from pathlib import Path; from tests.training.reload_child import reload; "
    code += "reload(*map(Path, sys.argv[1:]))"
    paths = [tiny_vlm, done.folder, tmp_path / "inputs", tmp_path / "outputs"]
    subprocess.run([sys.executable, "-c", code, *map(str, paths)], cwd=ROOT, check=True)
    fresh = load_file(tmp_path / "outputs")
    assert fresh["logits"].equal(trained["logits"])
    assert fresh["tokens"].equal(trained["tokens"])


def test_a_merged_model_has_the_outputs_of_base_and_adapter(
    tiny_vlm: Path, inputs: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, trained = train(tiny_vlm, "lora", inputs, tmp_path, monkeypatch)
    merged = reload_child.outputs(str(done.merged), "", inputs)
    assert merged["logits"].numpy() == pytest.approx(trained["logits"].numpy(), abs=1e-4)
    untrained = reload_child.outputs(str(tiny_vlm), "", inputs)
    assert untrained["logits"].numpy() != pytest.approx(trained["logits"].numpy(), abs=1e-2)


def test_a_fully_trained_model_is_one_folder(
    tiny_vlm: Path, inputs: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoProcessor

    done, trained = train(tiny_vlm, "full", inputs, tmp_path, monkeypatch)
    assert done.merged is None
    loaded = reload_child.outputs(str(done.folder), "", inputs)
    assert loaded["logits"].equal(trained["logits"])
    assert loaded["tokens"].equal(trained["tokens"])
    template = AutoProcessor.from_pretrained(tiny_vlm).chat_template
    assert AutoProcessor.from_pretrained(done.folder).chat_template == template


def test_a_finished_folder_holds_no_pickle(
    tiny_vlm: Path, inputs: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, _ = train(tiny_vlm, "lora", inputs, tmp_path, monkeypatch)
    kinds = {file.suffix for folder in (done.folder, done.merged) if folder for file in folder.iterdir()}
    assert kinds == {".json", ".safetensors", ".md", ".jinja"}
