"""An image-text scorer: CLIP, SigLIP and SigLIP 2 through transformers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.crops import MARGIN
from vision_tools.dual_encoder import DualEncoder
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.roles import TextsQuery


class TransformersScorer:
    """Cosine similarity of region and text."""

    def __init__(
        self,
        model: str = "google/siglip2-base-patch16-224",
        *,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
        margin: int = MARGIN,
        batch_size: int = 64,
    ) -> None:
        """
        Args:
            model: a hub name or folder, e.g. also `openai/clip-vit-base-patch32`.
            margin: pixels around a region that are shown with it.
        """
        self._weights = Weights(model, revision, device, dtype)
        self._margin = margin
        self._batcher = Batcher(batch_size)
        self._encoder = DualEncoder(self._images, self._texts, margin=margin, batcher=self._batcher)

    @cached_property
    def identity(self) -> str:
        return f"transformers_scorer {self._weights.identity} margin={self._margin}"

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def score(self, queries: Sequence[TextsQuery]) -> list[list[float]]:
        return self._encoder.score(queries)

    def _images(self, images: Sequence[Image.Image]) -> Any:
        inputs = self._processor.image_processor(images=list(images), return_tensors="pt")
        inputs = inputs.to(self._model.device, self._model.dtype)
        return self._model.get_image_features(**inputs).pooler_output

    def _texts(self, texts: Sequence[str]) -> Any:
        """Padded to the full length, as SigLIP was trained; CLIP does not look past the end of a text."""
        longest = self._model.config.text_config.max_position_embeddings
        tokens = self._processor.tokenizer(
            list(texts), padding="max_length", max_length=longest, truncation=True, return_tensors="pt"
        )
        return self._model.get_text_features(**tokens.to(self._model.device)).pooler_output

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModel")

    @cached_property
    def _processor(self) -> Any:
        return load_processor(self._weights)
