"""An open-vocabulary detector: Grounding DINO and MM-Grounding-DINO through transformers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.boxes import tidied
from vision_tools.crops import large_enough
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.prompts import noun_prompt
from vision_tools.roles import Detection, NameQuery


class _Input(NamedTuple):
    pixels: Any
    """Float tensor of shape (3, height, width)."""
    prompt: str
    image: Image.Image
    """What `pixels` were made of: the region, padded where it is tiny."""


class GroundingDino:
    """Finds what a noun phrase describes. Each phrase is asked alone, so that no other can change its result."""

    def __init__(
        self,
        model: str = "IDEA-Research/grounding-dino-tiny",
        *,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
        confidence: float = 0.3,
        iou: float = 0.7,
        batch_size: int = 8,
    ) -> None:
        """
        Args:
            model: a hub name or folder, e.g. also `openmmlab-community/mm_grounding_dino_tiny_o365v1_goldg`.
            confidence: boxes with a lower score for their best token are left out.
            iou: of boxes overlapping more than this, only the surest is kept.
        """
        self._weights = Weights(model, revision, device, dtype)
        self._confidence, self._iou = confidence, iou
        self._batcher = Batcher(batch_size)

    @cached_property
    def identity(self) -> str:
        return f"grounding_dino {self._weights.identity} confidence={self._confidence} iou={self._iou}"

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        regions = dict.fromkeys(query.region for query in queries)
        images = {region: large_enough(region.crop()) for region in regions}
        pixels = {region: self._pixels(image) for region, image in images.items()}
        inputs = [_Input(pixels[q.region], noun_prompt(q.name), images[q.region]) for q in queries]
        found = self._batcher.run(inputs, self._forward, shape=lambda one: one.pixels.shape)
        return [
            tidied(boxes, scores, query.name, size=query.region.size, iou=self._iou)
            for query, (boxes, scores) in zip(queries, found, strict=True)
        ]

    def _pixels(self, image: Image.Image) -> Any:
        return self._processor.image_processor(images=image, return_tensors="pt")["pixel_values"][0]

    def _forward(self, inputs: Sequence[_Input]) -> list[tuple[list[list[float]], list[float]]]:
        import torch

        model = self._model
        text = self._processor.tokenizer(
            [f"{one.prompt}." for one in inputs], padding=True, truncation=True, return_tensors="pt"
        )
        pixels = torch.stack([one.pixels for one in inputs]).to(model.device, model.dtype)
        with torch.inference_mode():
            output = model(pixel_values=pixels, **text.to(model.device))
        # The score of a box is that of its best token; padding tokens have a logit of -inf.
        scores = output.logits.float().sigmoid().amax(-1)
        centre, extent = output.pred_boxes.float().split(2, dim=-1)
        boxes = torch.cat([centre - extent / 2, centre + extent / 2], dim=-1)
        results: list[tuple[list[list[float]], list[float]]] = []
        for one, its_boxes, its_scores in zip(inputs, boxes, scores, strict=True):
            sure = its_scores > self._confidence
            in_pixels = its_boxes[sure] * its_boxes.new_tensor(one.image.size * 2)
            results.append((in_pixels.tolist(), its_scores[sure].tolist()))
        return results

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModelForZeroShotObjectDetection")

    @cached_property
    def _processor(self) -> Any:
        return load_processor(self._weights)

