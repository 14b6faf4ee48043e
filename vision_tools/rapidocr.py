"""A text reader: RapidOCR, whose models come with its package."""

import hashlib
import logging
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from vision_tools.boxes import clipped
from vision_tools.packages import require, require_onnxruntime
from vision_tools.reading_order import in_reading_order
from vision_tools.regions import Box, Region
from vision_tools.roles import TextLine

MIN_HEIGHT = 5
"""Regions narrower or lower than this many pixels hold no legible text."""

NARROWEST = 4
"""Longer regions are padded to this ratio of their sides: they are enlarged by their shorter side."""

ENLARGED_SIDE = 320
"""Regions are enlarged until their shorter side has this many pixels.

RapidOCR's own 736 suits whole pages. On crops of single lines it read fewer of them and took ten times longer.
"""


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
            f"rapidocr {version('rapidocr')} onnxruntime {version('onnxruntime')} "
            f"models={models.hexdigest()} confidence={self._confidence} enlarged={ENLARGED_SIDE}"
        )

    @property
    def batch_size(self) -> int:
        """1: the models read one image at a time."""
        return 1

    def read(self, regions: Sequence[Region]) -> list[list[TextLine]]:
        return [self._read(region) for region in regions]

    def _read(self, region: Region) -> list[TextLine]:
        width, height = region.size
        if min(width, height) < MIN_HEIGHT:
            return []
        pixels = _less_narrow(np.asarray(region.crop()))
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
                "Det.limit_side_len": ENLARGED_SIDE,
                "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        return engine


def _less_narrow(pixels: np.ndarray) -> np.ndarray:
    """The pixels, with the region's median colour below or to the right where it is very narrow."""
    height, width = pixels.shape[:2]
    side = max(height, width) // NARROWEST
    if min(height, width) >= side:
        return pixels
    padded = np.empty((max(height, side), max(width, side), 3), dtype=np.uint8)
    padded[:] = np.median(pixels.reshape(-1, 3), axis=0)
    padded[:height, :width] = pixels
    return padded


def _around(corners: np.ndarray) -> Box:
    """The upright box around a quadrilateral, `corners` of shape (4, 2)."""
    (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(x1), float(y1), float(x2), float(y2))
