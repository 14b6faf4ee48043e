"""The vision-language models: a small Qwen3-VL as the base of the students, and one that answers programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from vision_tools.crops import large_enough
from vpd.errors import UserError
from vpd.tabletop.questions.family import World
from vpd.tabletop.splits import Split
from vpd.tabletop.training.lessons import Lesson, one_step, simple
from vpd.tabletop.training.pictures import Shot, draw_shots, training_shots
from vpd.tabletop.training.programs import pairs
from vpd.tabletop.training.specialist import Schedule
from vpd.tabletop.training.turns import Frame, Turn, mask, rows

_PATCH, _MERGE = 8, 2
_CELL = _PATCH * _MERGE
"""Pixels on a side that one visual token shows."""
_SMALLEST, _LARGEST = 64, 128
"""Images are scaled to between so many pixels squared."""

_SPECIAL = (
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_TOOL = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
"""Like Qwen3-VL's: single tokens, but ordinary text to `skip_special_tokens`."""


@dataclass(frozen=True)
class VisionLanguageTraining:
    """`base` learns skills of one step on whole scenes; `answers` what programs ask of crops."""

    diet: Literal["base", "answers"]
    vision: tuple[int, int] = (128, 4)
    """Width and layers."""
    text: tuple[int, int] = (192, 4)

    @property
    def name(self) -> str:
        return {"base": "vlm", "answers": "vqa"}[self.diet]

    @property
    def schedule(self) -> Schedule:
        return Schedule(steps={"base": 2_500, "answers": 2_000}[self.diet], batch_size=24)

    @property
    def data(self) -> str:
        if self.diet == "base":
            return (
                "128-pixel scenes of the training split: captions with boxes, what is where, where is what, lists "
                "by description, attributes, words on signs; nothing that takes more than one step"
            )
        return "crops of things in the training split's scenes, with the short questions that programs ask"

    @property
    def loading(self) -> str:
        if self.diet == "base":
            return "finetune:\n  model: THIS_FOLDER"
        return "tools:\n  answerer: {name: transformers, model: THIS_FOLDER, max_new_tokens: 12}"

    @cached_property
    def processor(self) -> Any:
        from transformers import Qwen2VLImageProcessor, Qwen3VLProcessor, Qwen3VLVideoProcessor

        shape: dict[str, Any] = {"patch_size": _PATCH, "temporal_patch_size": 2, "merge_size": _MERGE}
        size = {"shortest_edge": _SMALLEST**2, "longest_edge": _LARGEST**2}
        half = [0.5, 0.5, 0.5]
        images = Qwen2VLImageProcessor(**shape, size=size, image_mean=half, image_std=half)
        videos = Qwen3VLVideoProcessor(**shape, size=size)
        return Qwen3VLProcessor(images, _tokenizer(), videos, chat_template=_chat_template())

    def build(self) -> Any:
        from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

        tokenizer = self.processor.tokenizer
        ids = tokenizer.convert_tokens_to_ids
        (vision_width, vision_layers), (width, layers) = self.vision, self.text
        text: dict[str, Any] = {
            "vocab_size": len(tokenizer),
            "hidden_size": width,
            "intermediate_size": 3 * width,
            "num_hidden_layers": layers,
            "num_attention_heads": width // 32,
            "num_key_value_heads": width // 32,
            "head_dim": 32,
            "max_position_embeddings": 4096,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10000.0,
                "mrope_section": [6, 5, 5],
                "mrope_interleaved": True,
            },
            "pad_token_id": tokenizer.pad_token_id,
        }
        vision: dict[str, Any] = {
            "depth": vision_layers,
            "hidden_size": vision_width,
            "intermediate_size": 4 * vision_width,
            "num_heads": vision_width // 32,
            "patch_size": _PATCH,
            "spatial_merge_size": _MERGE,
            "temporal_patch_size": 2,
            "out_hidden_size": width,
            "num_position_embeddings": (_LARGEST // _PATCH) ** 2,
            "deepstack_visual_indexes": [vision_layers // 2],
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
        model = Qwen3VLForConditionalGeneration(config)
        model.generation_config.eos_token_id = tokenizer.eos_token_id
        model.generation_config.pad_token_id = tokenizer.pad_token_id
        return model

    def examples(
        self, shots: Sequence[Shot], count: int, rng: np.random.Generator
    ) -> list[tuple[Image.Image, list[Lesson]]]:
        """Pictures with what is asked of them."""
        chosen = [shots[k % len(shots)] for k in range(count)]
        if self.diet == "base":
            return [(shot.image, one_step(shot.view, rng)) for shot in chosen]
        return [_crop(shot, rng) for shot in chosen]

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> dict[str, Any]:
        """Images, and what is asked of them in rows: see `turns.rows`."""
        shots = training_shots(size, rng, part, self._worlds)
        found = self.examples(shots, size, rng)
        pixels = self.processor.image_processor(images=[image for image, _ in found], return_tensors="pt")
        grid = pixels["image_grid_thw"]
        turns = [[self._turn(lesson) for lesson in lessons] for _, lessons in found]
        grids = [(high // _MERGE, wide // _MERGE) for _, high, wide in grid.tolist()]
        return {**rows(self._frame, grids, turns), "pixels": pixels["pixel_values"], "grid": grid}

    def loss(self, model: Any, batch: dict[str, Any]) -> Any:
        return model(
            input_ids=batch["input_ids"],
            pixel_values=batch["pixels"],
            image_grid_thw=batch["grid"],
            position_ids=batch["position_ids"],
            attention_mask=mask(batch["part"]),
            labels=batch["labels"],
            use_cache=False,
        ).loss

    def save(self, model: Any, folder: Path) -> None:
        import torch

        model.to(dtype=torch.float16).save_pretrained(folder)
        self.processor.save_pretrained(folder)

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        from vpd.tabletop.training.vlm_score import skill_scores

        rng = np.random.default_rng(seed)
        return skill_scores(folder, self.examples(draw_shots(split, count, rng, self._worlds), count, rng))

    @property
    def _worlds(self) -> dict[World, float] | None:
        return {"solids": 0.6, "signs": 0.4} if self.diet == "base" else None

    @cached_property
    def _frame(self) -> Frame:
        tokenizer = self.processor.tokenizer
        return Frame(
            tokenizer("<|im_start|>user\n<|vision_start|>").input_ids,
            tokenizer.convert_tokens_to_ids("<|image_pad|>"),
            tokenizer("<|vision_end|>").input_ids,
            tokenizer.pad_token_id,
        )

    def _turn(self, lesson: Lesson) -> Turn:
        tokenizer = self.processor.tokenizer
        asked = f"{lesson.question}<|im_end|>\n<|im_start|>assistant\n"
        return Turn(tokenizer(asked).input_ids, tokenizer(f"{lesson.answer}<|im_end|>").input_ids)


def _crop(shot: Shot, rng: np.random.Generator) -> tuple[Image.Image, list[Lesson]]:
    """One thing with the margin that the answerer leaves around a region."""
    seen = shot.view.seen[rng.integers(len(shot.view.seen))]
    margin = 10 if shot.image.width <= 128 else int(rng.integers(3, 11))
    x1, y1, x2, y2 = (int(v + d) for v, d in zip(seen.box, rng.integers(-2, 3, 4), strict=True))
    box = (
        max(x1 - margin, 0),
        max(y1 - margin, 0),
        min(x2 + margin, shot.image.width),
        min(y2 + margin, shot.image.height),
    )
    return large_enough(shot.image.crop(box)), simple(seen, rng)


@cache
def _tokenizer() -> Any:
    """Byte-pair encoding with Qwen's marks; letters of printed words and digits are tokens of their own.

    A box is five tokens: in few steps a small model learns to point, but not to write numbers digit by digit.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    pieces = Regex(r" ?\[(?=\d)|(?<=\[)\d+,|(?<=,) \d+[,\]]| ?[A-Z]?[a-z]+| ?[A-Z]|\d| ?[^\sA-Za-z\d]+|\s")
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pieces, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2400,
        min_frequency=4,
        special_tokens=["<|endoftext|>", *_SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    rng = np.random.default_rng(0)
    texts = [pair.question for pair in pairs("train", 1500, 0.0, rng)]
    texts += [text for _ in range(8) for text in (*_PHRASES, *_BOXES)]
    inner.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token="<|im_end|>",  # noqa: S106
        pad_token="<|endoftext|>",  # noqa: S106
        extra_special_tokens=[token for token in _SPECIAL if token != "<|im_end|>"],  # noqa: S105
    )
    tokenizer.add_tokens(list(_TOOL))
    return tokenizer


_PHRASES = (
    "Describe the picture. Where is the object? Where are all objects? What is at [1, 2, 3, 4]? none; sign",
    "What does the sign say? Answer with a single word or phrase. Explain the rationale to answer the question.",
    "user assistant system tool There are no cubes. There is one sphere. So the answer is yes. Therefore no.",
)

_BOXES = tuple("[{0}, {0}, {0}, {0}]".format(round(1000 * k / _LARGEST)) for k in range(_LARGEST + 1))
"""The places between the pixels of an image, as boxes write them."""


def _chat_template() -> str:
    """Qwen3-VL's own, as TRL carries it.

    Raises:
        UserError: TRL is not installed.
    """
    spec = find_spec("trl")
    if spec is None or spec.origin is None:
        raise UserError('training a vision-language model needs TRL: pip install "vpd[train]"')
    return (Path(spec.origin).parent / "chat_templates" / "qwen3_vl.jinja").read_text(encoding="utf-8")
