"""The detector: a small OWLv2, asked by phrase. Each patch of the image answers for the thing that it shows."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vpd.tabletop.splits import Split
from vpd.tabletop.training.neighbours import look_around
from vpd.tabletop.training.pictures import Shot, describe, holds, padded, recolored, training_shots
from vpd.tabletop.training.specialist import Schedule
from vpd.tabletop.training.words import LENGTH, phrase_tokenizer

PHRASES = 48
"""Asked of every image of a batch: most are true of things in other images."""

_CROPS = 0.25
"""Share of the images that are parts of a scene, as programs look at them."""


class DetectorTraining:
    """OWLv2 with a patch of 8 pixels; a million weights at its usual size."""

    name = "detector"
    schedule = Schedule(steps=6_400, batch_size=24, muon=0.01, adamw=1e-3)
    data = (
        "scenes of all four worlds of the training split, a quarter of them cropped, half of them mirrored and half of "
        "them recolored, with phrases true of things in them"
    )
    loading = "tools:\n  detector: {name: owl, model: THIS_FOLDER, confidence: 0.4, iou: 0.5}"

    def __init__(self, side: int = 128, hidden: int = 128, layers: int = 4) -> None:
        self._side, self._hidden, self._layers = side, hidden, layers

    @cached_property
    def processor(self) -> Any:
        from transformers import Owlv2ImageProcessor, Owlv2Processor

        images = Owlv2ImageProcessor(size={"height": self._side, "width": self._side})
        return Owlv2Processor(images, phrase_tokenizer())

    def build(self) -> Any:
        import torch
        from transformers import Owlv2Config, Owlv2ForObjectDetection

        tokenizer = self.processor.tokenizer
        text: dict[str, Any] = {
            "vocab_size": len(tokenizer),
            "hidden_size": 96,
            "intermediate_size": 192,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "max_position_embeddings": LENGTH,
            "pad_token_id": tokenizer.eos_token_id,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        }
        vision: dict[str, Any] = {
            "hidden_size": self._hidden,
            "intermediate_size": 4 * self._hidden,
            "num_hidden_layers": self._layers,
            "num_attention_heads": self._hidden // 32,
            "image_size": self._side,
            "patch_size": 8,
        }
        config = Owlv2Config(text_config=text, vision_config=vision, projection_dim=96)
        model = Owlv2ForObjectDetection(config)
        model.set_attn_implementation("eager")  # on a processor twice as fast in training
        seeing: Any = model.owlv2.vision_model
        queries_keys = [
            (layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight) for layer in seeing.encoder.layers
        ]
        look_around(seeing.embeddings.position_embedding.weight[1:].detach(), 0.3, queries_keys)
        # The library fills the heads' weights for checkpoints that replace them: far too large to learn from.
        for layer in (model.box_head.dense0, model.box_head.dense1, model.class_head.dense0):
            torch.nn.init.xavier_uniform_(layer.weight)
        for layer in (model.box_head.dense2, model.class_head.logit_shift, model.class_head.logit_scale):
            torch.nn.init.zeros_(layer.weight)
        # At first hardly any phrase is true of any patch (focal loss, Lin et al. 2017, section 4.1).
        torch.nn.init.constant_(model.class_head.logit_scale.bias, 9.0)
        torch.nn.init.constant_(model.class_head.logit_shift.bias, -0.6)
        return model

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> dict[str, Any]:
        """Images of shape (size, 3, side, side), phrases, boxes relative to the image, and which phrase is true of
        which thing."""
        import torch

        shots = training_shots(size, rng, part)
        things = [seen for shot in shots for seen in shot.view.seen]
        colors = rng.random() < 0.5
        hidden = () if colors else ("color",)
        phrases = [describe(things[k], rng, hidden) for k in rng.integers(len(things), size=PHRASES)]
        images: list[Any] = []
        boxes: list[list[list[float]]] = []
        true: list[list[list[float]]] = []
        for shot in shots:
            image, window = _window(shot, rng)
            image = image if colors else recolored(image, rng)
            kept = [(seen, box) for seen in shot.view.seen if (box := _inside(seen.box, window)) is not None]
            mirrored = rng.random() < 0.5
            images.append(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else image)
            boxes.append([_mirrored(box, image) if mirrored else box for _, box in kept])
            true.append([[float(holds(phrase, seen)) for phrase in phrases] for seen, _ in kept])
        tokens = self.processor.tokenizer(phrases, padding="max_length", truncation=True, return_tensors="pt")
        return {
            "pixels": self.processor.image_processor(images=images, return_tensors="pt")["pixel_values"],
            "phrases": dict(tokens),
            "boxes": torch.from_numpy(padded(boxes, 4)),
            "true": torch.from_numpy(padded(true, PHRASES)),
        }

    def loss(self, model: Any, batch: dict[str, Any]) -> Any:
        from vpd.tabletop.training.dense_detection import dense_loss

        features = model.image_embedder(pixel_values=batch["pixels"])[0]
        texts = model.owlv2.get_text_features(**batch["phrases"]).pooler_output
        flat = features.flatten(1, 2)
        logits = model.class_predictor(flat, texts.expand(len(flat), *texts.shape))[0]
        boxes = model.box_predictor(flat, features)
        return dense_loss(logits.float(), boxes.float(), batch["boxes"], batch["true"])

    def save(self, model: Any, folder: Path) -> None:
        import torch

        model.to(dtype=torch.float16).save_pretrained(folder)
        self.processor.save_pretrained(folder)

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        from vpd.tabletop.training.vision_scores import detection_scores

        return detection_scores(folder, split, count, seed)


_Box = tuple[int, int, int, int]


def _window(shot: Shot, rng: np.random.Generator) -> tuple[Any, _Box]:
    """The whole image, or a part of it around some thing."""
    width, height = shot.image.size
    if rng.random() >= _CROPS or not shot.view.seen:
        return shot.image, (0, 0, width, height)
    x1, y1, x2, y2 = shot.view.seen[rng.integers(len(shot.view.seen))].box
    wider = rng.uniform(0.0, 2.5, 4) ** 2
    left, right = max(x1 - int(wider[0] * (x2 - x1)), 0), min(x2 + int(wider[1] * (x2 - x1)), width)
    top, bottom = max(y1 - int(wider[2] * (y2 - y1)), 0), min(y2 + int(wider[3] * (y2 - y1)), height)
    return shot.image.crop((left, top, right, bottom)), (left, top, right, bottom)


def _mirrored(box: list[float], image: Image.Image) -> list[float]:
    x, y, wide, high = box
    return [image.width / max(image.size) - x, y, wide, high]


def _inside(box: _Box, window: _Box) -> list[float] | None:
    """Centre and extent of the visible part, relative to the window's longer side; None if most is outside."""
    left, top, right, bottom = window
    x1, y1, x2, y2 = max(box[0], left), max(box[1], top), min(box[2], right), min(box[3], bottom)
    if max(x2 - x1, 0) * max(y2 - y1, 0) < 0.4 * (box[2] - box[0]) * (box[3] - box[1]):
        return None
    side = max(right - left, bottom - top)
    center = [((x1 + x2) / 2 - left) / side, ((y1 + y2) / 2 - top) / side]
    return [*center, (x2 - x1) / side, (y2 - y1) / side]
