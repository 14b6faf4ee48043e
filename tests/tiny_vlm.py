"""A Qwen3-VL of toy size, built locally: the real model, processor and chat template, with random weights.

    from tests.tiny_vlm import build_tiny_vlm

    folder = build_tiny_vlm(tmp_path / "tiny")  # all that a hub id would hold
    processor = AutoProcessor.from_pretrained(folder)
    model = AutoModelForImageTextToText.from_pretrained(folder)

`build_tiny_vlm(folder, weights=False)` leaves the model out (for tests that only render or tokenize), and
`tiny_processor()` gives the processor without writing anything. The tokenizer is a byte-level BPE with a few
hundred merges, so that tokens are several characters long and any text can be written; the chat template is
Qwen3-VL's own, as TRL ships it. Images of up to 64 x 64 pixels become (height / 16) * (width / 16) tokens.

Everything is seeded: two calls give the same weights.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

SPECIAL_TOKENS = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
]

# Like Qwen3-VL's: single tokens, but ordinary text to `skip_special_tokens`.
TOOL_TOKENS = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]

_CORPUS = (
    "user assistant system tool Answer with a single word or phrase. "
    "Explain the rationale to answer the question. "
    "How many red cubes are there on the table? Is the blue ball left of the green cone? "
    "There are two red cubes. The answer is 2. yes no one three four five left right behind "
    '{"name": "zoom_in", "arguments": {"bbox_2d": [12, 34, 56, 78], "target_image": 1}} '
    "Let me look at the whole picture first. I zoom in on the sign. The sign reads open. "
)


def tiny_tokenizer() -> Any:
    """A fast byte-level BPE tokenizer of about 470 tokens with Qwen's special tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([_CORPUS], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=SPECIAL_TOKENS[1:],
    )
    fast.add_tokens(TOOL_TOKENS)
    return fast


def qwen3_vl_template() -> str:
    """The chat template that Qwen3-VL's instruction-tuned models ship."""
    spec = find_spec("trl")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "chat_templates" / "qwen3_vl.jinja").read_text(encoding="utf-8")


def tiny_processor() -> Any:
    """A `Qwen3VLProcessor` with patches of 8 pixels, merged two by two, and images of at most 64 x 64."""
    from transformers import Qwen2VLImageProcessor, Qwen3VLProcessor, Qwen3VLVideoProcessor

    shape = {"patch_size": 8, "temporal_patch_size": 2, "merge_size": 2}
    size = {"shortest_edge": 16 * 16, "longest_edge": 64 * 64}
    half = [0.5, 0.5, 0.5]
    images = Qwen2VLImageProcessor(**shape, size=size, image_mean=half, image_std=half)
    videos = Qwen3VLVideoProcessor(**shape, size=size)
    return Qwen3VLProcessor(images, tiny_tokenizer(), videos, chat_template=qwen3_vl_template())


def build_tiny_vlm(folder: Path, weights: bool = True, hidden: int = 32, layers: int = 2) -> Path:
    """Write the processor, and a `Qwen3VLForConditionalGeneration` of about 100,000 parameters."""
    processor = tiny_processor()
    processor.save_pretrained(folder)
    if not weights:
        return folder

    import torch
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    ids = processor.tokenizer.convert_tokens_to_ids
    text = {
        "vocab_size": len(processor.tokenizer),
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 2048,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10000.0,
            "mrope_section": [2, 1, 1],
            "mrope_interleaved": True,
        },
        "pad_token_id": processor.tokenizer.pad_token_id,
    }
    vision = {
        "depth": 2,
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_heads": 4,
        "patch_size": 8,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "out_hidden_size": hidden,
        "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0],
    }
    config = Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Qwen3VLForConditionalGeneration(config)
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    model.generation_config.pad_token_id = processor.tokenizer.pad_token_id
    model.save_pretrained(folder)
    return folder
