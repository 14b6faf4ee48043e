"""An image-text scorer: any model and tag that open_clip knows."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from PIL import Image

from vision_tools.batching import Batcher
from vision_tools.crops import MARGIN
from vision_tools.dual_encoder import DualEncoder
from vision_tools.errors import ToolUnavailable
from vision_tools.loading import shared
from vision_tools.packages import require
from vision_tools.roles import TextsQuery


class OpenClip:
    """Cosine similarity of region and text."""

    def __init__(
        self,
        model: str = "ViT-B-32",
        pretrained: str | None = "laion2b_s34b_b79k",
        *,
        precision: str = "fp32",
        device: str = "cpu",
        margin: int = MARGIN,
        batch_size: int = 64,
    ) -> None:
        """
        Args:
            model: an architecture, or `hf-hub:owner/name`, or a folder that holds a model as the hub does.
            pretrained: a tag of that architecture, or a weight file; models of a hub or folder bring their own.
            precision: as open_clip names it: `fp32`, `fp16` or `bf16`.
            margin: pixels around a region that are shown with it.

        Raises:
            ToolUnavailable: open_clip is missing.
        """
        self._library = require("open_clip", extra="models", user="the scorer 'open_clip'")
        if Path(model).is_dir():
            model, pretrained = f"local-dir:{model}", None
        self._name, self._pretrained, self._precision = model, pretrained, precision
        self._device, self._margin = device, margin
        self._batcher = Batcher(batch_size)
        self._encoder = DualEncoder(self._images, self._texts, margin=margin, batcher=self._batcher)

    @cached_property
    def identity(self) -> str:
        weights = self._pretrained
        for path in (weights or "", self._name.removeprefix("local-dir:")):
            if Path(path).exists() and path:
                weights = _hash(Path(path))
        return (
            f"open_clip {version('open_clip_torch')} {self._name} {weights} {self._precision} "
            f"margin={self._margin}"
        )

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def score(self, queries: Sequence[TextsQuery]) -> list[list[float]]:
        return self._encoder.score(queries)

    def _images(self, images: Sequence[Image.Image]) -> Any:
        import torch

        pixels = torch.stack([self._model.preprocess(image) for image in images])
        return self._model.encode_image(pixels.to(self._device, self._dtype))

    def _texts(self, texts: Sequence[str]) -> Any:
        return self._model.encode_text(self._model.tokenize(list(texts)).to(self._device))

    @property
    def _dtype(self) -> Any:
        import torch

        return {"fp16": torch.float16, "bf16": torch.bfloat16}.get(self._precision, torch.float32)

    @cached_property
    def _model(self) -> Any:
        return shared(("open_clip", self._name, self._pretrained, self._precision, self._device), self._load)

    def _load(self) -> Any:
        """The model, with its preprocessing and tokenizer as attributes, so that they are shared with it."""
        try:
            model, _, preprocess = self._library.create_model_and_transforms(
                self._name, pretrained=self._pretrained, precision=self._precision, device=self._device
            )
            model.preprocess, model.tokenize = preprocess, self._library.get_tokenizer(self._name)
        except Exception as error:
            raise ToolUnavailable(
                f"open_clip cannot load {self._name} with {self._pretrained}: {error}; list what there is with: "
                "python -c 'import open_clip; print(open_clip.list_pretrained())'"
            ) from error
        return model.eval()


def _hash(path: Path) -> str:
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(hashlib.sha256(f.read_bytes()).digest() for f in files)).hexdigest()
