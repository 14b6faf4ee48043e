"""A detector of a fixed set of classes: any YOLO weight file that ultralytics reads."""

import atexit
import hashlib
import logging
import shutil
import tempfile
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vision_tools.batching import Batcher
from vision_tools.boxes import detection
from vision_tools.closed_vocabulary import ClosedVocabulary, tables_identity
from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.packages import environment, require, require_onnxruntime
from vision_tools.regions import Region
from vision_tools.roles import Detection, NameQuery


class Ultralytics:
    """Finds what its classes name; a name or adjective they do not cover is a `ToolError`, never "none"."""

    def __init__(
        self,
        weights: str | Path,
        *,
        confidence: float = 0.25,
        iou: float = 0.7,
        image_size: int = 640,
        device: str = "cpu",
        batch_size: int = 16,
    ) -> None:
        """
        Args:
            weights: a local file; nothing is ever downloaded.
            confidence: detections with less are left out.
            iou: of boxes overlapping more than this, only the surest is kept.
            image_size: regions are scaled to this many pixels on the longer side; a model exported with a
                fixed size keeps its own.
            device: as torch names it, e.g. `cuda:0`.

        Raises:
            ToolUnavailable: the file or the package is missing.
        """
        self._weights = Path(weights)
        if not self._weights.is_file():
            raise ToolUnavailable(
                f"there is no weight file {self._weights}; download YOLO weights from "
                "https://docs.ultralytics.com/models and set weights to their path"
            )
        self._package = import_ultralytics()
        if self._weights.suffix == ".onnx":
            require_onnxruntime("the detector 'ultralytics'")
        self._confidence, self._iou = confidence, iou
        self._image_size, self._device = image_size, device
        self._batcher = Batcher(batch_size)
        self._vocabulary = ClosedVocabulary(
            self._weights.name, lambda: self._names, self._forward, iou=iou, batcher=self._batcher
        )

    @cached_property
    def identity(self) -> str:
        content = hashlib.sha256(self._weights.read_bytes()).hexdigest()
        return (
            f"ultralytics {version('ultralytics')} weights={content} confidence={self._confidence} "
            f"iou={self._iou} image_size={self._image_size} {tables_identity()}"
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
        results = self._model.predict(
            [region.crop() for region in regions],
            conf=self._confidence,
            iou=self._iou,
            imgsz=self._image_size,
            device=self._device,
            batch=len(regions),
            rect=False,  # one square shape for all: a result must not depend on the batch
            verbose=False,
            save=False,
        )
        return [_detections(result) for result in results]

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self._model.names.values())

    @cached_property
    def _model(self) -> Any:
        try:
            return self._package.YOLO(str(self._weights), task="detect")
        except Exception as error:
            raise ToolUnavailable(f"ultralytics cannot read {self._weights}: {error}") from error


def import_ultralytics() -> Any:
    """The package, imported so that it sends nothing, installs and downloads nothing, and leaves no files."""
    settings = tempfile.mkdtemp(prefix="ultralytics-")
    atexit.register(shutil.rmtree, settings, ignore_errors=True)
    variables = {
        "YOLO_CONFIG_DIR": settings,
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
        "ULTRALYTICS_SAFE_LOAD": "true",  # checkpoints may hold tensors and known classes only
    }
    with environment(variables, restore=("OMP_NUM_THREADS",)):
        package = require("ultralytics", extra="detectors", user="the detector 'ultralytics'")
    logging.getLogger("ultralytics").setLevel(logging.ERROR)
    return package


def _detections(result: Any) -> list[Detection]:
    """A `Results` object's boxes, clipped to its image."""
    if result.boxes is None:
        raise ToolError("these weights find no boxes; give a detection or segmentation model")
    height, width = result.orig_shape
    boxes = result.boxes
    rows = zip(boxes.xyxy.tolist(), boxes.cls.tolist(), boxes.conf.tolist(), strict=True)
    found = (detection(box, result.names[int(label)], score, (width, height)) for box, label, score in rows)
    return [each for each in found if each is not None]
