"""The vision encoder that the vision-language models begin with: told, patch by patch, what is there.

What a caption teaches about an image in a hundred words, exact annotations teach at every patch at once, in a
fraction of the time: language is learnt afterwards, by a model that sees.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vpd.errors import UserError
from vpd.tabletop.splits import Split
from vpd.tabletop.training.eyes_targets import CELLS, LETTERS, PATCHES, Shown, shown
from vpd.tabletop.training.pictures import Shot, draw_shots, recolored, small_shots
from vpd.tabletop.training.specialist import Schedule
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

MERGE, SIDE = 2, 128
"""Patches of a visual token, pixels of an image (both on one side)."""

PATCH = SIDE // PATCHES
"""Pixels of a patch, on one side."""

_KINDS = {"shape": len(SHAPES) + 1, "color": len(COLORS), "material": len(MATERIALS), "size": len(SIZES)}
"""Values of what is told of the thing that a patch shows; the last shape is a sign."""

_PER_PATCH = 1 + sum(_KINDS.values()) + 4
"""Outputs: whether a thing's middle is near, what it is, and where its edges are."""

WEIGHTS = "model.safetensors"

_CELL = SIDE // CELLS
"""Pixels on a side within which a letter's middle lies."""


class Eyes:
    """Qwen3-VL's vision encoder; 1.6 million weights at its usual size."""

    name = "eyes"
    schedule = Schedule(steps=3_400, batch_size=32, muon=0.02, adamw=2e-3)
    data = (
        "128-pixel scenes of the training split, half of them recolored, half mirrored where nothing is written, with "
        "what each patch shows: shape, color, material, size and box of the thing whose middle is near, and letters"
    )
    loading = ""  # no tool: `vlm` and `vqa` start from it

    def __init__(self, width: int = 128, layers: int = 4, out: int = 192) -> None:
        self._width, self._layers, self._out = width, layers, out

    @cached_property
    def processor(self) -> Any:
        return image_processor()

    def build(self) -> Any:
        import torch

        return torch.nn.ModuleDict({"vision": self._encoder(), **self._heads()})

    def _heads(self) -> Any:
        import torch

        cells = (PATCH * MERGE // _CELL) ** 2
        things = torch.nn.Linear(self._out, MERGE * MERGE * _PER_PATCH)
        torch.nn.init.constant_(
            things.bias.view(-1, _PER_PATCH)[:, 0].detach(), -2.0
        )  # most patches show nothing
        letters = torch.nn.Linear(self._out, cells * (1 + len(LETTERS)))
        return torch.nn.ModuleDict({"things_head": things, "letters_head": letters})

    def _encoder(self) -> Any:
        from transformers import Qwen3VLVisionConfig
        from transformers.models.qwen3_vl.modeling_qwen3_vl import Qwen3VLVisionModel

        from vpd.tabletop.training.neighbours import look_around

        encoder: Any = Qwen3VLVisionModel(
            Qwen3VLVisionConfig(**vision_config(self._width, self._layers, self._out))
        )
        encoder.set_attn_implementation("eager")  # on a processor faster than what splits the batch
        queries_keys = [block.attn.qkv.weight.detach().chunk(3)[:2] for block in encoder.blocks]
        look_around(encoder.pos_embed.weight.detach(), 0.2, queries_keys)
        return encoder

    def see_through(self, encoder: Any, folder: Path) -> Any:
        """Give another model's encoder the trained weights.

        Returns:
            What was trained on top of them.

        Raises:
            UserError: there are none, or of another size.
        """
        from safetensors.torch import load_file

        file = folder / WEIGHTS
        if not file.is_file():
            raise UserError(f"{file} is not there; `vpd tabletop train eyes` makes it, and has to come first")
        weights = load_file(file)
        heads = self._heads()
        try:
            encoder.load_state_dict(
                {n.removeprefix("vision."): w for n, w in weights.items() if n.startswith("vision.")}
            )
            heads.load_state_dict({n: w for n, w in weights.items() if not n.startswith("vision.")})
        except RuntimeError as error:
            raise UserError(f"{file} holds eyes of another size; train them again") from error
        return heads

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> dict[str, Any]:
        """Pixels, and targets on the grid of patches (size, 16, 16, …) and of letters' cells (size, 32, 32)."""
        shots = small_shots(size, rng, part)
        return self._batch([_changed(shot, rng) for shot in shots])

    def _batch(self, pictures: list[tuple[Image.Image, Shown]]) -> dict[str, Any]:
        pixels = self.processor(images=[image for image, _ in pictures], return_tensors="pt")
        told = targets([each for _, each in pictures])
        return {"pixels": pixels["pixel_values"], "grid": pixels["image_grid_thw"], **told}

    def loss(self, model: Any, batch: dict[str, Any]) -> Any:
        tokens = model["vision"](batch["pixels"], grid_thw=batch["grid"]).pooler_output
        return eyes_loss(model, tokens, batch)

    def save(self, model: Any, folder: Path) -> None:
        """The encoder and, for the scores, what was trained on top of it."""
        import torch
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: w.to(torch.float16).contiguous() for name, w in model.state_dict().items()}
        save_file(weights, folder / WEIGHTS)

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        """How often the patch at a thing's middle tells right what is there, and what letters are read."""
        import torch
        from safetensors.torch import load_file

        model = self.build().eval()
        model.load_state_dict(load_file(folder / WEIGHTS))
        rng = np.random.default_rng(seed)
        shots = draw_shots(split, count, rng, {"solids": 0.6, "signs": 0.4})
        hits: dict[str, list[bool]] = {}
        for start in range(0, count, 50):
            batch = self._batch([_plain(shot) for shot in shots[start : start + 50]])
            with torch.inference_mode():
                tokens = model["vision"](batch["pixels"], grid_thw=batch["grid"]).pooler_output
                things, letters = _outputs(model, tokens)
            middle = batch["here"] > 1 - 1e-6
            found, wanted = things[middle], batch["kinds"][middle].long()
            at = 1
            for place, (name, values) in enumerate(_KINDS.items()):
                known = wanted[:, place] >= 0
                said = found[known, at : at + values].argmax(-1)
                hits.setdefault(name, []).extend((said == wanted[known, place]).tolist())
                at += values
            written = batch["letters"] > 0
            said = letters[written][:, 1:].argmax(-1) + 1
            hits.setdefault("letters", []).extend((said == batch["letters"][written]).tolist())
        return {f"{name} accuracy": float(np.mean(each)) for name, each in hits.items()}


def targets(pictures: Sequence[Shown]) -> dict[str, Any]:
    """As tensors, by name."""
    import torch

    return {
        name: torch.from_numpy(np.stack([getattr(each, name) for each in pictures])) for name in Shown._fields
    }


def eyes_loss(heads: Any, tokens: Any, batch: dict[str, Any]) -> Any:
    """A scalar.

    Args:
        heads: `things_head` and `letters_head`.
        tokens: (images · 64, width), as the encoder gives them.
        batch: the targets.
    """
    from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, l1_loss

    from vpd.tabletop.training.dense_detection import overlaps

    things, letters = _outputs(heads, tokens)
    here = batch["here"] > 0
    near = binary_cross_entropy_with_logits(things[..., 0], batch["here"], reduction="none").mean()
    found, wanted = things[here], batch["kinds"][here].long()
    loss, at = 10 * near, 1
    for place, count in enumerate(_KINDS.values()):
        # A mean that is 0 where none is known, as of colors if all images are recolored.
        told = cross_entropy(found[:, at : at + count], wanted[:, place], ignore_index=-1, reduction="sum")
        loss = loss + told / (wanted[:, place] >= 0).sum().clamp(min=1)
        at += count
    boxes, places = found[:, at:].sigmoid(), batch["boxes"][here]
    loss = loss + 4 * l1_loss(boxes, places, reduction="none").sum(-1).mean()
    loss = loss + 1 - overlaps(boxes, places)[1].mean()
    written = batch["letters"] > 0
    none = cross_entropy(letters[~written], batch["letters"][~written].long())
    if not written.any():
        return loss + 3 * none
    return loss + 3 * none + cross_entropy(letters[written], batch["letters"][written].long())


def _outputs(heads: Any, tokens: Any) -> tuple[Any, Any]:
    """For things, (images, 16, 16, outputs), and for letters, (images, 32, 32, classes)."""
    side = SIDE // PATCH // MERGE
    things = _spread(heads["things_head"](tokens).float(), side, MERGE)
    return things, _spread(heads["letters_head"](tokens).float(), side, PATCH * MERGE // _CELL)


def vision_config(width: int, layers: int, out: int) -> dict[str, Any]:
    """Of the encoder, as in the vision-language models."""
    return {
        "depth": layers,
        "hidden_size": width,
        "intermediate_size": 4 * width,
        "num_heads": width // 32,
        "patch_size": PATCH,
        "spatial_merge_size": MERGE,
        "temporal_patch_size": 2,
        "out_hidden_size": out,
        "num_position_embeddings": (SIDE // PATCH) ** 2,
        "deepstack_visual_indexes": [layers // 2],
    }


def image_processor() -> Any:
    from transformers import Qwen2VLImageProcessor

    size = {"shortest_edge": 64**2, "longest_edge": SIDE**2}
    half = [0.5, 0.5, 0.5]
    return Qwen2VLImageProcessor(
        patch_size=PATCH,
        temporal_patch_size=2,
        merge_size=MERGE,
        size=size,
        image_mean=half,
        image_std=half,
    )


def _spread(outputs: Any, side: int, parts: int) -> Any:
    """(images · side², parts² · outputs) to (images, side · parts, side · parts, outputs)."""
    split = outputs.reshape(-1, side, side, parts, parts, outputs.shape[-1] // parts**2)
    return split.permute(0, 1, 3, 2, 4, 5).reshape(len(split), side * parts, side * parts, -1)


def _plain(shot: Shot) -> tuple[Image.Image, Shown]:
    return shot.image, shown(shot.view)


def _changed(shot: Shot, rng: np.random.Generator) -> tuple[Image.Image, Shown]:
    """Half of the images recolored, and half mirrored where nothing is written."""
    image, colors = (recolored(shot.image, rng), False) if rng.random() < 0.5 else (shot.image, True)
    if rng.random() < 0.5 or shot.view.signs:
        return image, shown(shot.view, colors=colors)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), shown(shot.view, colors=colors, mirrored=True)
