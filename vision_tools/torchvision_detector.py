"""A detector of a fixed set of classes: the detection models of torchvision."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vision_tools.batching import Batcher
from vision_tools.boxes import detection
from vision_tools.closed_vocabulary import ClosedVocabulary, tables_identity
from vision_tools.crops import large_enough
from vision_tools.errors import ToolUnavailable
from vision_tools.loading import on_device, shared
from vision_tools.packages import require
from vision_tools.regions import Region
from vision_tools.roles import Detection, NameQuery

_NO_CLASS = ("__background__", "N/A", "")


class Torchvision:
    """Finds what its classes name; a name or adjective they do not cover is a `ToolError`, never "none"."""

    def __init__(
        self,
        model: str = "fasterrcnn_resnet50_fpn_v2",
        *,
        weights: str | Path | None = None,
        classes: Sequence[str] | None = None,
        confidence: float = 0.5,
        iou: float = 0.7,
        device: str = "cpu",
        batch_size: int = 4,
    ) -> None:
        """
        Args:
            model: one of torchvision's detection models.
            weights: a file with a state dict; None takes torchvision's own for COCO, downloading them once.
            classes: the names of the model's outputs, with `__background__` first where it has one; None
                means those of torchvision's own weights.
            confidence: detections with less are left out.
            iou: where a name covers several classes, of boxes overlapping more than this the surest stays.

        Raises:
            ToolUnavailable: torchvision is missing, or has no such model or file.
        """
        self._library = require("torchvision", extra="models", user="the detector 'torchvision'").models
        detectors = self._library.list_models(module=self._library.detection)
        if model not in detectors:
            raise ToolUnavailable(f"torchvision has no detector {model!r}; it has {', '.join(detectors)}")
        if weights is not None and not Path(weights).is_file():
            raise ToolUnavailable(
                f"there is no weight file {weights}; set weights to a state dict of {model}"
            )
        self._model_name, self._file = model, None if weights is None else Path(weights)
        self._own = self._library.get_model_weights(model).DEFAULT
        self._classes = tuple(classes) if classes is not None else tuple(self._own.meta["categories"])
        self._confidence, self._iou, self._device = confidence, iou, device
        self._batcher = Batcher(batch_size)
        named = [name for name in self._classes if name not in _NO_CLASS]
        self._vocabulary = ClosedVocabulary(
            model, lambda: named, self._forward, iou=iou, batcher=self._batcher, shape=lambda r: r.size
        )

    @cached_property
    def identity(self) -> str:
        content = hashlib.sha256(self._file.read_bytes()).hexdigest() if self._file else str(self._own)
        names = hashlib.sha256(repr(self._classes).encode()).hexdigest()[:16]
        return (
            f"torchvision {version('torchvision')} {self._model_name} weights={content} "
            f"classes={names} confidence={self._confidence} iou={self._iou} {tables_identity()}"
        )

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        """
        Raises:
            ToolError: no class can be called by one of the names.
        """
        return self._vocabulary.detect(queries)

    def _forward(self, regions: Sequence[Region]) -> list[list[Detection]]:
        import torch
        from torchvision.transforms.functional import to_tensor

        images = [to_tensor(large_enough(region.crop())).to(self._device) for region in regions]
        with torch.inference_mode():
            outputs = self._model(images)
        return [self._detections(output, region) for output, region in zip(outputs, regions, strict=True)]

    def _detections(self, output: dict[str, Any], region: Region) -> list[Detection]:
        rows = zip(*(output[key].tolist() for key in ("boxes", "labels", "scores")), strict=True)
        found = (
            detection(box, self._classes[label], score, region.size)
            for box, label, score in rows
            if score > self._confidence and self._classes[label] not in _NO_CLASS
        )
        return [each for each in found if each is not None]

    @cached_property
    def _model(self) -> Any:
        return shared(("torchvision", self._model_name, self._file, self._device), self._load)

    def _load(self) -> Any:
        import torch

        try:
            if self._file is None:
                model = self._library.get_model(self._model_name, weights=self._own)
            else:
                model = self._library.get_model(
                    self._model_name, weights=None, weights_backbone=None, num_classes=len(self._classes)
                )
                model.load_state_dict(torch.load(self._file, map_location="cpu", weights_only=True))
        except Exception as error:
            source = self._file or self._own
            raise ToolUnavailable(
                f"torchvision cannot load {self._model_name} from {source}: {error}"
            ) from error
        return on_device(model, self._device)
