"""An open-vocabulary detector: OWL-ViT and OWLv2 through transformers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.boxes import tidied
from vision_tools.crops import large_enough
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.open_vocabulary import RawBoxes, in_pixels, noun_prompt
from vision_tools.regions import Region
from vision_tools.roles import Detection, NameQuery


class _Input(NamedTuple):
    image: Image.Image
    names: tuple[str, ...]


class Owl:
    """Finds what a noun phrase describes. One look at a region serves all the phrases asked about it."""

    def __init__(
        self,
        model: str = "google/owlv2-base-patch16-ensemble",
        *,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
        confidence: float = 0.2,
        iou: float = 0.7,
        batch_size: int = 8,
    ) -> None:
        """
        Args:
            model: a hub name or folder, e.g. also `google/owlvit-base-patch32`.
            confidence: boxes with a lower score are left out.
            iou: of boxes overlapping more than this, only the surest is kept.
        """
        self._weights = Weights(model, revision, device, dtype)
        self._confidence, self._iou = confidence, iou
        self._batcher = Batcher(batch_size)

    @cached_property
    def identity(self) -> str:
        return f"owl {self._weights.identity} confidence={self._confidence} iou={self._iou}"

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        asked: dict[Region, dict[str, None]] = {}
        for query in queries:
            asked.setdefault(query.region, {})[noun_prompt(query.name)] = None
        inputs = [_Input(large_enough(region.crop()), tuple(names)) for region, names in asked.items()]
        found = dict(zip(asked, self._batcher.run(inputs, self._forward), strict=True))
        return [
            tidied(
                *found[query.region][noun_prompt(query.name)],
                label=query.name,
                size=query.region.size,
                iou=self._iou,
            )
            for query in queries
        ]

    def _forward(self, inputs: Sequence[_Input]) -> list[dict[str, RawBoxes]]:
        """Every phrase of the batch is asked of every image: a score depends on its own phrase alone."""
        import torch

        model = self._model
        names = list(dict.fromkeys(name for one in inputs for name in one.names))
        text = self._processor.tokenizer(
            names * len(inputs), padding="max_length", truncation=True, return_tensors="pt"
        )
        images = self._processor.image_processor(images=[one.image for one in inputs], return_tensors="pt")
        pixels = images["pixel_values"].to(model.device, model.dtype)
        with torch.inference_mode():
            output = model(pixel_values=pixels, **text.to(model.device))
        scores = output.logits.float().sigmoid()  # (images, boxes, names)
        boxes = output.pred_boxes.float()
        return [
            {
                name: in_pixels(
                    boxes[i], scores[i, :, names.index(name)], self._frame(one.image), self._confidence
                )
                for name in one.names
            }
            for i, one in enumerate(inputs)
        ]

    def _frame(self, image: Image.Image) -> tuple[int, int]:
        """What relative boxes are relative to: OWLv2 pads images to a square, OWL-ViT stretches them."""
        if self._model.config.model_type == "owlv2":
            return max(image.size), max(image.size)
        return image.size

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModelForZeroShotObjectDetection")

    @cached_property
    def _processor(self) -> Any:
        return load_processor(self._weights)
