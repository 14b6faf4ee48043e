"""An open-vocabulary detector: Grounding DINO and MM-Grounding-DINO through transformers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.boxes import tidied
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.open_vocabulary import Prompted, RawBoxes, in_pixels, prompted
from vision_tools.roles import Detection, NameQuery


class GroundingDino:
    """Finds what a noun phrase describes. Each phrase is asked alone, so that no other changes its result."""

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
        inputs = prompted(queries, self._pixels)
        found = self._batcher.run(inputs, self._forward, shape=lambda one: one.pixels.shape)
        return [
            tidied(*raw, label=query.name, size=query.region.size, iou=self._iou)
            for query, raw in zip(queries, found, strict=True)
        ]

    def _pixels(self, image: Image.Image) -> Any:
        return self._processor.image_processor(images=image, return_tensors="pt")["pixel_values"][0]

    def _forward(self, inputs: Sequence[Prompted]) -> list[RawBoxes]:
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
        return [
            in_pixels(boxes, its_scores, one.image.size, self._confidence)
            for one, boxes, its_scores in zip(inputs, output.pred_boxes.float(), scores, strict=True)
        ]

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModelForZeroShotObjectDetection")

    @cached_property
    def _processor(self) -> Any:
        return load_processor(self._weights)
