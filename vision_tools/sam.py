"""A segmenter: SAM and SAM 2 through transformers."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.errors import ToolError
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.regions import Box, Region
from vision_tools.roles import Segment


class _Input(NamedTuple):
    image: Image.Image
    boxes: tuple[tuple[int, int, int, int], ...]


class Sam:
    """The object that fills a region, from the region's box as a prompt. A picture is encoded once a batch."""

    def __init__(
        self,
        model: str = "facebook/sam2.1-hiera-tiny",
        *,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
        batch_size: int = 4,
    ) -> None:
        """
        Args:
            model: a hub name or folder, e.g. also `facebook/sam-vit-base`.
            batch_size: pictures at a time.
        """
        self._weights = Weights(model, revision, device, dtype)
        self._batcher = Batcher(batch_size)

    @cached_property
    def identity(self) -> str:
        return f"sam {self._weights.identity}"

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def segment(self, regions: Sequence[Region]) -> list[Segment]:
        """
        Raises:
            ToolError: a region is empty.
        """
        asked: dict[str, list[Region]] = {}
        for region in dict.fromkeys(regions):
            if min(region.size) < 1:
                raise ToolError(f"the region {region.box} is empty, so it frames nothing")
            asked.setdefault(region.picture.sha256, []).append(region)
        inputs = [
            _Input(its[0].picture.load(), tuple(region.box for region in its)) for its in asked.values()
        ]
        # Boxes of one picture go together; pictures with as many boxes can be stacked.
        found = self._batcher.run(inputs, self._forward, shape=lambda one: len(one.boxes))
        segments = {
            region: segment
            for its, segments in zip(asked.values(), found, strict=True)
            for region, segment in zip(its, segments, strict=True)
        }
        return [segments[region] for region in regions]

    def _forward(self, inputs: Sequence[_Input]) -> list[list[Segment]]:
        import torch

        model, processor = self._model, self._processor
        batch = processor(
            images=[one.image for one in inputs],
            input_boxes=[[list(map(float, box)) for box in one.boxes] for one in inputs],
            return_tensors="pt",
        )
        sizes = {
            name: batch.pop(name) for name in ("original_sizes", "reshaped_input_sizes") if name in batch
        }
        with torch.inference_mode():
            output = model(**batch.to(model.device, model.dtype), multimask_output=False)
        masks = processor.post_process_masks(output.pred_masks.float().cpu(), **sizes)
        scores = output.iou_scores.float().cpu()
        return [
            [
                _segment(masks[i][k, 0].numpy().astype(bool), box, float(scores[i, k, 0]))
                for k, box in enumerate(one.boxes)
            ]
            for i, one in enumerate(inputs)
        ]

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModelForMaskGeneration")

    @cached_property
    def _processor(self) -> Any:
        return load_processor(self._weights)


def _segment(mask: np.ndarray, box: tuple[int, int, int, int], score: float) -> Segment:
    """The part of a picture's mask that lies in the region."""
    x1, y1, x2, y2 = box
    inside = mask[y1:y2, x1:x2]
    image = Image.fromarray(inside.astype(np.uint8) * 255).convert("1")
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    tight = (
        Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
        if rows.size
        else Box(0.0, 0.0, 0.0, 0.0)
    )
    return Segment(image, tight, round(min(max(score, 0.0), 1.0), 5) if math.isfinite(score) else 0.0)
