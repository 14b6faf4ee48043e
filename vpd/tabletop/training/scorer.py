"""The image-text scorer: a small CLIP of open_clip, told of each picture which of many phrases are true of it."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vpd.tabletop.annotation import Seen
from vpd.tabletop.splits import Split
from vpd.tabletop.training.pictures import ADJECTIVES, describe, holds, occurs, recolored, training_shots
from vpd.tabletop.training.specialist import Schedule
from vpd.tabletop.training.words import LENGTH, phrase_tokenizer
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

TEXTS = 96
_WHOLE = 0.1
"""Share of the pictures that are whole scenes: a text is true of one if it is true of something in it."""

_PIECES = 0.25
"""Share that are a thing without its outline: whoever learns from them tells a color without the shape."""

_RECOLORED = 0.6
"""Share of the others whose colors are changed, to tell a shape without its color: training shows 40 of the 64 pairs
of both, and that the others never occur must not be learnt."""

_TILES, _TILE = 4, 8
"""Tiles on a side of a thing that is cut up, and pixels on a side of a tile."""

_OF_OUTLINES = frozenset((*SHAPES, *SIZES, "sign"))

_VALUES = {"size": SIZES, "color": COLORS, "material": MATERIALS, "shape": SHAPES}


class Scorer:
    """A residual network on 64 pixels, and a text transformer; three million weights at their usual size.

    From few pictures, convolutions learn shapes that a vision transformer of this size does not.
    """

    name = "scorer"
    schedule = Schedule(steps=3_800, batch_size=64, muon=0.01, adamw=2e-3)
    data = (
        "things of the training split's scenes with some pixels around them, things cut up, and whole scenes, many "
        "of them recolored, with phrases true and false of them"
    )
    loading = (
        "tools:\n"
        "  scorer: {name: open_clip, model: THIS_FOLDER}\n"
        "  attributes: {name: scorer, scorer: {name: open_clip, model: THIS_FOLDER}}"
    )

    def __init__(self, side: int = 64, width: int = 24, layers: int = 1) -> None:
        """
        Args:
            width: channels of the first of four stages; each has twice as many as the one before.
            layers: blocks of each stage.
        """
        self._side, self._width, self._layers = side, width, layers

    @cached_property
    def tokenizer(self) -> Any:
        return phrase_tokenizer()

    @cached_property
    def config(self) -> dict[str, Any]:
        """As `open_clip_config.json` holds it."""
        vision = {
            "image_size": self._side,
            "width": self._width,
            "head_width": 2 * self._width,
            "layers": [self._layers] * 4,
        }
        text = {
            "context_length": LENGTH,
            "vocab_size": len(self.tokenizer),
            "hf_tokenizer_name": "clip",
            "width": 128,
            "heads": 4,
            "layers": 2,
        }
        preprocess = {"size": self._side, "resize_mode": "longest"}
        model = {
            "embed_dim": 128,
            "vision_cfg": vision,
            "text_cfg": text,
            "init_logit_scale": float(np.log(10)),
            "init_logit_bias": -5.0,
        }
        return {"model_cfg": model, "preprocess_cfg": preprocess}

    @cached_property
    def _preprocess(self) -> Any:
        from open_clip.transform import PreprocessCfg, image_transform_v2

        return image_transform_v2(PreprocessCfg(**self.config["preprocess_cfg"]), is_train=False)

    def build(self) -> Any:
        from open_clip.model import CLIP

        return CLIP(**self.config["model_cfg"])

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> dict[str, Any]:
        """Pictures, texts, which text is true of which picture, and of which pictures that can be told."""
        import torch

        shots = training_shots(max(size // 3, 1), rng, part)
        shown: list[tuple[Image.Image, tuple[Seen, ...]]] = []
        hidden: list[frozenset[str]] = []  # of each picture, the words that nothing can be learnt of
        while len(shown) < size:
            shot = shots[rng.integers(len(shots))]
            seen = shot.view.seen[rng.integers(len(shot.view.seen))]
            chance = rng.random()
            if chance < _WHOLE:
                image, things, unknown = shot.image, shot.view.seen, frozenset[str]()
            elif chance < _WHOLE + _PIECES and seen.name != "sign":
                image, things, unknown = _without_outline(shot.image, seen, rng), (seen,), _OF_OUTLINES
            else:
                image, things, unknown = _around(shot.image, seen, rng), (seen,), frozenset[str]()
            if not unknown and rng.random() < _RECOLORED:
                image, unknown = recolored(image, rng), unknown.union(COLORS)
            shown.append((image, things))
            hidden.append(unknown)
        texts = [_phrase(shown[rng.integers(size)][1], rng) for _ in range(TEXTS)]
        told = [[unknown.isdisjoint(text.split()) for text in texts] for unknown in hidden]
        true = [[any(holds(text, seen) for seen in things) for text in texts] for _, things in shown]
        written = [_written(text, rng) for text in texts]
        tokens = self.tokenizer(written, padding="max_length", truncation=True, return_tensors="pt")
        return {
            "pixels": torch.stack([self._preprocess(image) for image, _ in shown]),
            "texts": tokens["input_ids"],
            "true": torch.tensor(true, dtype=torch.float32),
            "told": torch.tensor(told, dtype=torch.float32),
        }

    def loss(self, model: Any, batch: dict[str, Any]) -> Any:
        """As in SigLIP (Zhai et al. 2023, equation 1), with several true texts to a picture."""
        from torch.nn.functional import binary_cross_entropy_with_logits

        images = model.encode_image(batch["pixels"], normalize=True)
        texts = model.encode_text(batch["texts"], normalize=True)
        logits = (images @ texts.T).float() * model.logit_scale.exp() + model.logit_bias
        return binary_cross_entropy_with_logits(logits, batch["true"], weight=batch["told"])

    def save(self, model: Any, folder: Path) -> None:
        import torch
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        weights = {
            name: (w.to(torch.float16) if w.is_floating_point() else w).contiguous()
            for name, w in model.state_dict().items()
        }
        save_file(weights, folder / "open_clip_model.safetensors")
        (folder / "open_clip_config.json").write_text(
            json.dumps(self.config, indent=2) + "\n", encoding="utf-8"
        )
        self.tokenizer.save_pretrained(folder)

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        from vpd.tabletop.training.vision_scores import attribute_scores

        return attribute_scores(folder, split, count, seed)


def _around(image: Image.Image, seen: Seen, rng: np.random.Generator) -> Image.Image:
    """The thing with the margin that tools leave, its box as inexact as a detector's."""
    x1, y1, x2, y2 = seen.box
    shake = rng.uniform(-0.06, 0.06, 4) * np.tile((x2 - x1, y2 - y1), 2)
    # Of a large image the margin is a smaller part: these were rendered at a fraction of their size.
    margin = 10 if image.width <= 128 else int(rng.integers(3, 11))
    left, top, right, bottom = (int(v) for v in np.array((x1, y1, x2, y2)) + shake)
    return image.crop(
        (
            max(left - margin, 0),
            max(top - margin, 0),
            min(right + margin, image.width),
            min(bottom + margin, image.height),
        )
    )


def _without_outline(image: Image.Image, seen: Seen, rng: np.random.Generator) -> Image.Image:
    """A piece of a thing, or all of it in another order."""
    if rng.random() < 0.5 and (piece := _piece(image, seen, rng)):
        return piece
    pixels = np.asarray(_around(image, seen, rng).resize((_TILES * _TILE, _TILES * _TILE)))
    tiles = pixels.reshape(_TILES, _TILE, _TILES, _TILE, 3).swapaxes(1, 2).reshape(-1, _TILE, _TILE, 3)
    mixed = rng.permutation(tiles).reshape(_TILES, _TILES, _TILE, _TILE, 3).swapaxes(1, 2)
    return Image.fromarray(mixed.reshape(pixels.shape))


def _piece(image: Image.Image, seen: Seen, rng: np.random.Generator) -> Image.Image | None:
    """From the middle of a thing, turned; None of what has a hole there or is too small."""
    x1, y1, x2, y2 = seen.box
    wide, high = (
        int(side * share) for side, share in zip((x2 - x1, y2 - y1), rng.uniform(0.3, 0.6, 2), strict=True)
    )
    if min(wide, high) < 4 or seen.name == "ring":
        return None
    left = (x1 + x2 - wide) // 2 + int(rng.integers(-wide // 4, wide // 4 + 1))
    top = (y1 + y2 - high) // 2 + int(rng.integers(0, high // 3 + 1))  # cones and pyramids are wider below
    piece = image.crop((left, top, left + wide, top + high))
    return piece.rotate(90 * int(rng.integers(4)), expand=True)


def _phrase(things: tuple[Seen, ...], rng: np.random.Generator) -> str:
    """True of one of the things, or the same with one word changed, or one word alone."""
    phrase = describe(things[rng.integers(len(things))], rng)
    words = phrase.split()
    chance = rng.random()
    if chance < 0.35:
        return words[rng.integers(len(words))]
    if chance < 0.7:
        place = int(rng.integers(len(words)))
        values = next((v for v in _VALUES.values() if words[place] in v), None)
        if values is not None:
            words[place] = values[rng.integers(len(values))]
    changed = " ".join(words)
    return changed if occurs(changed) else phrase


def _written(phrase: str, rng: np.random.Generator) -> str:
    noun = phrase.rsplit(maxsplit=1)[-1] not in {value for name in ADJECTIVES for value in _VALUES[name]}
    return f"{('a', 'the')[rng.integers(2)]} {phrase}" if noun and rng.random() < 0.6 else phrase
