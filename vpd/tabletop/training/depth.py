"""The depth estimator: a small Depth Anything that gives distances in the world's own units."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from vpd.tabletop.splits import Split
from vpd.tabletop.training.pictures import training_shots
from vpd.tabletop.training.specialist import Schedule

FARTHEST = 64
"""World units; the walls of wide scenes stand at up to 54."""


class DepthTraining:
    """A DINOv2 backbone with patches of 8 pixels and a DPT head; a million weights at its usual size."""

    name = "depth"
    schedule = Schedule(steps=900, batch_size=16, muon=0.01, adamw=1e-3)
    data = "scenes of all four worlds of the training split with their exact depth maps"
    loading = "tools:\n  depth: {name: transformers, model: THIS_FOLDER}"

    def __init__(self, side: int = 128, hidden: int = 96, layers: int = 4) -> None:
        self._side, self._hidden, self._layers = side, hidden, layers

    @cached_property
    def processor(self) -> Any:
        from transformers import DPTImageProcessor

        return DPTImageProcessor(
            size={"height": self._side, "width": self._side}, keep_aspect_ratio=False, ensure_multiple_of=8
        )

    def build(self) -> Any:
        from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

        backbone: dict[str, Any] = {
            "image_size": self._side,
            "patch_size": 8,
            "hidden_size": self._hidden,
            "num_hidden_layers": self._layers,
            "num_attention_heads": self._hidden // 32,
            "out_features": [f"stage{k + 1}" for k in range(self._layers)][-4:],
            "reshape_hidden_states": False,
        }
        config = DepthAnythingConfig(
            backbone_config=Dinov2Config(**backbone),
            patch_size=8,
            reassemble_hidden_size=self._hidden,
            neck_hidden_sizes=[24, 32, 48, 64],
            fusion_hidden_size=24,
            head_hidden_size=16,
            depth_estimation_type="metric",
            max_depth=FARTHEST,
        )
        return DepthAnythingForDepthEstimation(config)

    def batch(self, rng: np.random.Generator, size: int, part: int = 0) -> dict[str, Any]:
        """Images, and depth maps of shape (size, side, side)."""
        import torch
        from torch.nn.functional import interpolate

        shots = training_shots(size, rng, part)
        maps: list[Any] = []
        for shot in shots:
            exact = torch.from_numpy(shot.view.depth_map.astype(np.float32))[None, None]
            maps.append(interpolate(exact, (self._side, self._side), mode="nearest-exact")[0, 0])
        images = self.processor(images=[shot.image for shot in shots], return_tensors="pt")["pixel_values"]
        return {"pixels": images, "depth": torch.stack(maps)}

    def loss(self, model: Any, batch: dict[str, Any]) -> Any:
        """Of logarithms, so that a tenth too near counts the same near and far."""
        found = model(pixel_values=batch["pixels"]).predicted_depth.float()
        return (found.clamp(min=0.1).log() - batch["depth"].log()).abs().mean()

    def save(self, model: Any, folder: Path) -> None:
        import torch

        model.to(dtype=torch.float16).save_pretrained(folder)
        self.processor.save_pretrained(folder)

    def score(self, folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
        from vpd.tabletop.training.vision_scores import depth_scores

        return depth_scores(folder, split, count, seed)
