"""Not only Qwen3-VL: other families' chat templates, and another architecture from end to end."""

from copy import copy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_vlm import tiny_tokenizer
from tests.training.training_rows import label, picture, rationale, trajectory
from vpd.errors import UserError
from vpd.training import curve
from vpd.training.finetuning import finetune
from vpd.training.rendering import render
from vpd.training.settings import FinetuneSettings

LLAVA = (
    "{% for message in messages %}{{ message.role | upper }}: "
    "{% for part in message.content %}{{ '<|image_pad|>' if part.type == 'image' else part.text }}{% endfor %} "
    "{% endfor %}{% if add_generation_prompt %}ASSISTANT: {% endif %}"
)


def with_template(processor: Any, name: str, image_token: str) -> Any:
    spec = find_spec("trl")
    assert spec is not None
    assert spec.origin is not None
    changed = copy(processor)
    changed.chat_template = (Path(spec.origin).parent / "chat_templates" / f"{name}.jinja").read_text("utf-8")
    changed.image_token = image_token
    return changed


@pytest.mark.parametrize(
    ("name", "image_token", "target"),
    [
        ("qwen2_5_vl", "<|image_pad|>", "two<|im_end|>"),
        ("gemma3", "<start_of_image>", "two<end_of_turn>"),
        ("llava_next", "<image>", " two</s>"),
        ("smolvlm", "<image>", " two<end_of_utterance>"),
        # The prompt opens the model's thoughts, so that what it writes begins by closing them.
        ("qwen3_5_think", "<|image_pad|>", "\n</think>\n\ntwo<|im_end|>"),
    ],
)
def test_a_target_is_what_the_model_would_write(
    processor: Any, name: str, image_token: str, target: str, tmp_path: Path
) -> None:
    rendered = render(
        with_template(processor, name, image_token), label("a", picture(tmp_path, "red.png"), "two")
    )
    assert rendered.text[rendered.targets[0].start :].startswith(target)


@pytest.mark.parametrize("name", ["gemma3", "llava_next"])
def test_a_template_without_tools_refuses_trajectories(processor: Any, name: str, tmp_path: Path) -> None:
    row = trajectory("a", picture(tmp_path, "red.png"), ["Zoom in.", "It is 3."])
    with pytest.raises(UserError, match="a/trajectory does not fit the model's chat template"):
        render(with_template(processor, name, "<image>"), row)


def tiny_llava(folder: Path) -> Path:
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokenizer = tiny_tokenizer()
    size = {"height": 32, "width": 32}
    LlavaProcessor(
        CLIPImageProcessor(size=size, crop_size=size),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=LLAVA,
        image_token="<|image_pad|>",
    ).save_pretrained(folder)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**shape, image_size=32, patch_size=8),
        text_config=LlamaConfig(**shape, vocab_size=len(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<|image_pad|>"),
        vision_feature_layer=-1,
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    return folder


def test_another_architecture_learns(tmp_path: Path) -> None:
    folder = tiny_llava(tmp_path / "llava")
    rows = [
        label("a", picture(tmp_path, "red.png"), "two"),
        rationale("a", picture(tmp_path, "red.png"), "There are two red cubes."),
        label("b", picture(tmp_path, "blue.png", "blue", (64, 32)), "three"),
    ]
    settings = FinetuneSettings(
        model=str(folder),
        method="full",
        steps=8,
        batch_size=2,
        micro_batch_size=2,
        learning_rate=1e-2,
        warmup=0.0,
        device="cpu",
    )
    losses = curve.read(finetune(settings, rows, tmp_path, tmp_path / "out").losses)
    assert losses[-1].loss < 0.7 * losses[0].loss
