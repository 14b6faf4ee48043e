"""A text reader: RapidOCR, whose models come with its package."""

import hashlib
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from vision_tools.boxes import clipped
from vision_tools.packages import installed_version, require, require_onnxruntime
from vision_tools.reading_order import in_reading_order
from vision_tools.regions import Box, Region
from vision_tools.roles import TextLine


class RapidOcr:
    """Lines of text as RapidOCR's default models (PP-OCR, Chinese and Latin script) find and read them."""

    def __init__(self, *, confidence: float = 0.5, threads: int = 1) -> None:
        """
        Args:
            confidence: lines read with less are left out.
            threads: processor threads for the models.

        Raises:
            ToolUnavailable: rapidocr or onnxruntime is not installed.
        """
        require_onnxruntime("the reader 'rapidocr'")
        self._package = require("rapidocr", extra="models", user="the reader 'rapidocr'")
        self._confidence, self._threads = confidence, threads

    @cached_property
    def identity(self) -> str:
        models = hashlib.sha256()
        for file in sorted((Path(self._package.__file__).parent / "models").glob("*.onnx")):
            models.update(file.read_bytes())
        return (
            f"rapidocr {installed_version('rapidocr')} onnxruntime {installed_version('onnxruntime')} "
            f"models={models.hexdigest()} confidence={self._confidence}"
        )

    @property
    def batch_size(self) -> int:
        """1: the models read one image at a time."""
        return 1

    def read(self, regions: Sequence[Region]) -> list[list[TextLine]]:
        return [self._read(region) for region in regions]

    def _read(self, region: Region) -> list[TextLine]:
        pixels = np.asarray(region.crop())
        height, width = pixels.shape[:2]
        if not height or not width:
            return []
        found = self._engine(np.ascontiguousarray(pixels[:, :, ::-1]))  # the engine takes BGR
        if found.boxes is None or found.txts is None:
            return []
        lines = [
            TextLine(text, clipped(_around(corners), width, height), float(score))
            for text, corners, score in zip(found.txts, found.boxes, found.scores, strict=True)
        ]
        return in_reading_order(line for line in lines if line.box.area > 0)

    @cached_property
    def _engine(self) -> Any:
        engine = self._package.RapidOCR(
            params={
                "Global.text_score": self._confidence,
                "Global.log_level": "error",
                "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        return engine


def _around(corners: np.ndarray) -> Box:
    """The upright box around a quadrilateral, `corners` of shape (4, 2)."""
    (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(x1), float(y1), float(x2), float(y2))
