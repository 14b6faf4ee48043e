"""A text reader: Florence-2 through transformers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.boxes import clipped
from vision_tools.crops import large_enough
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.reading_order import in_reading_order
from vision_tools.regions import Box, Region
from vision_tools.roles import TextLine

_TASK = "<OCR_WITH_REGION>"


class Florence2:
    """Lines of text with their boxes, written by the model. It states no confidence: every score is 1."""

    def __init__(
        self,
        model: str = "florence-community/Florence-2-base",
        *,
        beams: int = 3,
        max_new_tokens: int = 1024,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
        batch_size: int = 4,
    ) -> None:
        """
        Args:
            model: a hub name or folder, converted for transformers' own Florence-2 class.
            beams: how many beams the search keeps.
            max_new_tokens: how much text, in tokens, may be read in a region; a line takes 8 more for its box.
        """
        self._weights = Weights(model, revision, device, dtype)
        self._beams, self._max_new_tokens = beams, max_new_tokens
        self._batcher = Batcher(batch_size)

    @cached_property
    def identity(self) -> str:
        return f"florence2 {self._weights.identity} beams={self._beams} max_new_tokens={self._max_new_tokens}"

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def read(self, regions: Sequence[Region]) -> list[list[TextLine]]:
        images = [large_enough(region.crop()) for region in regions]
        written = self._batcher.run(images, self._forward)
        return [
            self._lines(text, image, region)
            for text, image, region in zip(written, images, regions, strict=True)
        ]

    def _forward(self, images: Sequence[Image.Image]) -> list[str]:
        import torch

        model, processor = self._model, self._processor
        batch = processor(images=list(images), text=[_TASK] * len(images), return_tensors="pt", padding=True)
        with torch.inference_mode():
            tokens = model.generate(
                **batch.to(model.device, model.dtype),
                max_new_tokens=self._max_new_tokens,
                num_beams=self._beams,
                do_sample=False,
            )
        return processor.batch_decode(tokens, skip_special_tokens=False)

    def _lines(self, written: str, image: Image.Image, region: Region) -> list[TextLine]:
        parsed = self._processor.post_process_generation(text=written, task=_TASK, image_size=image.size)
        lines: list[TextLine] = []
        for corners, text in zip(parsed[_TASK]["quad_boxes"], parsed[_TASK]["labels"], strict=True):
            xs, ys = corners[0::2], corners[1::2]
            box = clipped(Box(min(xs), min(ys), max(xs), max(ys)), *region.size)
            if text and box.area > 0:
                lines.append(TextLine(text, box, 1.0))
        return in_reading_order(lines)

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModelForImageTextToText")

    @cached_property
    def _processor(self) -> Any:
        return load_processor(self._weights)
