"""The vision-language models: a small Qwen3-VL as the base of the students, and one that answers programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from vision_tools.crops import large_enough
from vpd.errors import UserError
from vpd.tabletop.questions.family import World
from vpd.tabletop.splits import Split
from vpd.tabletop.training.eyes import (
    MERGE,
    PATCH,
    SIDE,
    WEIGHTS,
    Eyes,
    eyes_loss,
    image_processor,
    targets,
    vision_config,
)
from vpd.tabletop.training.eyes_targets import shown
from vpd.tabletop.training.lessons import IN_WORDS, Lesson, one_step, simple
from vpd.tabletop.training.packed_attention import NAME as PACKED
from vpd.tabletop.training.packed_attention import parts_mask, register
from vpd.tabletop.training.pictures import Shot, draw_shots, recolored, small_shots, training_shots
from vpd.tabletop.training.programs import pairs
from vpd.tabletop.training.specialist import Schedule
from vpd.tabletop.training.turns import Frame, Turn, rows
from vpd.tabletop.vocabulary import COLORS

_RECOLORED = 0.5
"""Share of the images whose colors are changed; no color is to be told of them."""

_SEEING = 0.1
"""Weight of the eyes' loss beside that of the answers."""

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
    eyes: Path | None = None
    """Folder of a trained vision encoder to start from."""

    @property
    def name(self) -> str:
        return {"base": "vlm", "answers": "vqa"}[self.diet]

    @property
    def schedule(self) -> Schedule:
        # The eyes have learnt before: they are to keep what they know.
        steps = {"base": 1_100, "answers": 350}[self.diet]
        return Schedule(steps=steps, batch_size=24, slower={"visual": 0.25} if self.eyes else {})

    @property
    def data(self) -> str:
        if self.diet == "base":
            return (
                "128-pixel scenes of the training split, half of them recolored: captions with boxes, what is where, "
                "where is what, lists by description, attributes, words on signs, some in sentences; nothing takes "
                "more than one step; and, of made-up scenes that are written down, to compare, count and add"
                f"{self._beginning}"
            )
        return (
            "crops of things in the training split's scenes, half of them recolored, with the short questions that "
            f"programs ask{self._beginning}"
        )

    @property
    def _beginning(self) -> str:
        file = self.eyes / WEIGHTS if self.eyes else None
        if file is None or not file.is_file():
            return ""
        return f"; its vision encoder begins with the `eyes` of SHA-256 {sha256(file.read_bytes()).hexdigest()[:12]}"

    @property
    def loading(self) -> str:
        if self.diet == "base":
            return "finetune:\n  model: THIS_FOLDER"
        return "tools:\n  answerer: {name: transformers, model: THIS_FOLDER, max_new_tokens: 12}"

    @cached_property
    def processor(self) -> Any:
        from transformers import Qwen3VLProcessor, Qwen3VLVideoProcessor

        images = image_processor()
        videos = Qwen3VLVideoProcessor(
            patch_size=PATCH, temporal_patch_size=2, merge_size=MERGE, size=dict(images.size)
        )
        return Qwen3VLProcessor(images, _tokenizer(), videos, chat_template=_chat_template())

    def build(self) -> Any:
        from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

        tokenizer = self.processor.tokenizer
        ids = tokenizer.convert_tokens_to_ids
        width, layers = self.text
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
        config = Qwen3VLConfig(
            text_config=text,
            vision_config=vision_config(*self.vision, width),
            image_token_id=ids("<|image_pad|>"),
            video_token_id=ids("<|video_pad|>"),
            vision_start_token_id=ids("<|vision_start|>"),
            vision_end_token_id=ids("<|vision_end|>"),
            tie_word_embeddings=True,
        )
        model = Qwen3VLForConditionalGeneration(config)
        register()
        # Each what is fastest on a processor.
        model.set_attn_implementation({"vision_config": "eager", "text_config": PACKED})
        if self.eyes:
            model.eyes_heads = Eyes(*self.vision, width).see_through(model.model.visual, self.eyes)
        model.generation_config.eos_token_id = tokenizer.eos_token_id
        model.generation_config.pad_token_id = tokenizer.pad_token_id
        return model

    def examples(
        self, shots: Sequence[Shot], rng: np.random.Generator, colors: Sequence[bool] = ()
    ) -> list[tuple[Image.Image, list[Lesson]]]:
        """Pictures with what is asked of them.

        Args:
            colors: in training, of each shot whether it keeps its own.
        """
        training = bool(colors)
        found: list[tuple[Image.Image, list[Lesson]]] = []
        for shot, own in zip(shots, colors or [True] * len(shots), strict=True):
            if self.diet == "base":
                image, lessons = shot.image, one_step(shot.view, rng, own, training=training)
            else:
                image, lessons = _crop(shot, rng, own, training)
            found.append((image if own else recolored(image, rng), lessons))
        return found

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> dict[str, Any]:
        """Images, and what is asked of them in rows: see `turns.rows`."""
        whole = self.diet == "base"
        shots = small_shots(size, rng, part) if whole else training_shots(size, rng, part)
        colors = (rng.random(size) >= _RECOLORED).tolist()
        found = self.examples(shots, rng, colors)
        pixels = self.processor.image_processor(images=[image for image, _ in found], return_tensors="pt")
        grid = pixels["image_grid_thw"]
        turns = [
            [self._turn(lesson, rng, own) for lesson in lessons]
            for (_, lessons), own in zip(found, colors, strict=True)
        ]
        grids = [(high // MERGE, wide // MERGE) for _, high, wide in grid.tolist()]
        told: dict[str, Any] = {}
        if whole and self.eyes:
            told = targets([shown(shot.view, colors=own) for shot, own in zip(shots, colors, strict=True)])
        return {**rows(self._frame, grids, turns), "pixels": pixels["pixel_values"], "grid": grid, **told}

    def loss(self, model: Any, batch: dict[str, Any]) -> Any:
        """Of the answers; and, where all of a scene is seen, of what its patches show, as the eyes learnt it."""
        from torch.nn.functional import cross_entropy

        seen: list[Any] = []

        def keep(_module: Any, _given: Any, out: Any) -> None:
            seen.append(out.pooler_output)

        hook = model.model.visual.register_forward_hook(keep)
        try:
            states = model.model(
                input_ids=batch["input_ids"],
                pixel_values=batch["pixels"],
                image_grid_thw=batch["grid"],
                position_ids=batch["position_ids"],
                attention_mask=parts_mask(batch["part"]),
                use_cache=False,
            ).last_hidden_state
        finally:
            hook.remove()
        wanted = batch["labels"][:, 1:]
        learnt = wanted != -100  # a quarter of the tokens: the others need no logits
        loss = cross_entropy(model.lm_head(states[:, :-1][learnt]).float(), wanted[learnt])
        if "here" not in batch:
            return loss
        return loss + _SEEING * eyes_loss(model.eyes_heads, seen[0], batch)

    def save(self, model: Any, folder: Path) -> None:
        import torch

        if self.eyes:
            del model.eyes_heads  # no part of the class
        model.to(dtype=torch.float16).save_pretrained(folder)
        self.processor.save_pretrained(folder)

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        from vpd.tabletop.training.vlm_score import skill_scores

        rng = np.random.default_rng(seed)
        return skill_scores(folder, self.examples(draw_shots(split, count, rng, self._worlds), rng))

    @property
    def _worlds(self) -> dict[World, float] | None:
        """Of held-out scenes."""
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

    def _turn(self, lesson: Lesson, rng: np.random.Generator, colors: bool) -> Turn:
        """In place of an answer's colors stand any, so that no shape hangs on what was written before it; and
        where the image has lost its own, none are learnt. Of words alone neither is true."""
        tokenizer = self.processor.tokenizer
        asked = tokenizer(f"{lesson.question}<|im_end|>\n<|im_start|>assistant\n").input_ids
        answer = tokenizer(f"{lesson.answer}<|im_end|>").input_ids
        if lesson.skill == IN_WORDS:
            return Turn(asked, answer, answer)
        ids = self._colors
        shown = [rng.choice(list(ids[token])) if token in ids else token for token in answer]
        learnt = answer if colors else [-100 if token in ids else token for token in answer]
        return Turn(asked, learnt, shown)

    @cached_property
    def _colors(self) -> dict[int, tuple[int, ...]]:
        """The tokens that are colors, each with those that may stand in its place: they too follow a blank, or not."""
        ids = self.processor.tokenizer.convert_tokens_to_ids
        kinds = [tuple(ids(f"{blank}{color}") for color in COLORS) for blank in ("", "Ġ")]
        return {token: kind for kind in kinds for token in kind}


def _crop(
    shot: Shot, rng: np.random.Generator, colors: bool, training: bool
) -> tuple[Image.Image, list[Lesson]]:
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
    return large_enough(shot.image.crop(box)), simple(seen, rng, colors, training=training)


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
    "user assistant system tool There are no cubes. There is one sphere. So the answer is yes. Therefore, no.",
    "The image shows two spheres, three rings, four, five, six, seven, eight, nine and ten objects, one is made of",
    "Of the first, second, third, fourth, fifth, sixth and seventh object the leftmost, the rightmost, the nearest",
    "is closer to the camera, farther from the camera, to the left, to the right, above, below, while, but not",
    "The text in the sign reads “A”, “B”. No line of text contains it. It cannot be read anywhere. Two are equal",
    "five plus two makes seven, nine minus one is eight, four times two; more fewer than differ; looks most like",
    *COLORS,
    f"it is {' '.join(COLORS)}",
)

_BOXES = tuple("[{0}, {0}, {0}, {0}]".format(round(1000 * k / SIDE)) for k in range(SIDE + 1))
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
