"""Open-vocabulary YOLO detectors: YOLO-World and YOLOE through ultralytics."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vision_tools.batching import Batcher
from vision_tools.boxes import tidied
from vision_tools.errors import ToolUnavailable
from vision_tools.open_vocabulary import RawBoxes, noun_prompt
from vision_tools.packages import require
from vision_tools.regions import Region
from vision_tools.roles import Detection, NameQuery
from vision_tools.ultralytics import import_ultralytics

REMEMBERED_PHRASES = 4096


class _Input(NamedTuple):
    region: Region
    names: tuple[str, ...]


class _TextTower(NamedTuple):
    """The text encoder that a detector was trained with, as open_clip knows it."""

    model: str
    pretrained: str


# By what ultralytics calls them.
_TEXT_TOWERS = {
    "clip:ViT-B/32": _TextTower("ViT-B-32-quickgelu", "openai"),
    "mobileclip:blt": _TextTower("MobileCLIP-B", "datacompdr_lt"),
    "mobileclip2:b": _TextTower("MobileCLIP2-B", "dfndr2b"),
}


class YoloOpen:
    """Finds what a noun phrase describes.

    In YOLOE a phrase cannot change what another finds, so all the phrases of a batch are its classes at once.
    In YOLO-World the image features depend on the classes, so a region is looked at once for each phrase.
    """

    def __init__(
        self,
        weights: str | Path,
        *,
        text_model: str | None = None,
        text_pretrained: str | None = None,
        confidence: float = 0.25,
        iou: float = 0.7,
        image_size: int = 640,
        device: str = "cpu",
        batch_size: int = 16,
    ) -> None:
        """
        Args:
            weights: a local `.pt` file of a promptable YOLO-World or YOLOE model.
            text_model: the open_clip model that encodes phrases; None takes the one that the released weights
                were trained with.
            text_pretrained: its open_clip tag, or a file.
            confidence: detections with less are left out.
            iou: of boxes overlapping more than this, only the surest is kept.
            image_size: regions are scaled to this many pixels on the longer side.

        Raises:
            ToolUnavailable: the file, ultralytics or open_clip is missing.
        """
        self._file = Path(weights)
        if not self._file.is_file():
            raise ToolUnavailable(
                f"there is no weight file {weights}; download YOLO-World or YOLOE weights from "
                "https://docs.ultralytics.com/models and set weights to their path"
            )
        import_ultralytics()
        self._open_clip = require("open_clip", extra="models", user="an open-vocabulary YOLO detector")
        self._text = (text_model, text_pretrained)
        self._confidence, self._iou = confidence, iou
        self._image_size, self._device = image_size, device
        self._batcher = Batcher(batch_size)
        self._embeddings: dict[str, Any] = {}

    @cached_property
    def identity(self) -> str:
        content = hashlib.sha256(self._file.read_bytes()).hexdigest()
        text = Path(self._text[1] or "")
        encoder = hashlib.sha256(text.read_bytes()).hexdigest() if text.is_file() else str(self._text[1])
        return (
            f"yolo_open ultralytics {version('ultralytics')} weights={content} "
            f"text={self._text[0]} {encoder} confidence={self._confidence} iou={self._iou} "
            f"image_size={self._image_size}"
        )

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        asked: dict[Region, dict[str, None]] = {}
        for query in queries:
            asked.setdefault(query.region, {})[noun_prompt(query.name)] = None
        if self._is_world:
            inputs = [_Input(region, (name,)) for region, names in asked.items() for name in names]
        else:
            inputs = [_Input(region, tuple(names)) for region, names in asked.items()]
        found: dict[Region, dict[str, RawBoxes]] = {}
        for one, its in zip(inputs, self._batcher.run(inputs, self._forward), strict=True):
            found.setdefault(one.region, {}).update(its)
        return [
            tidied(*found[q.region][noun_prompt(q.name)], label=q.name, size=q.region.size, iou=self._iou)
            for q in queries
        ]

    def _forward(self, inputs: Sequence[_Input]) -> list[dict[str, RawBoxes]]:
        import torch
        from ultralytics.data.augment import LetterBox
        from ultralytics.utils.ops import scale_boxes, xywh2xyxy

        square = (self._image_size, self._image_size)
        fit = LetterBox(square, auto=False)
        pixels = np.stack([np.asarray(fit(image=np.asarray(one.region.crop()))) for one in inputs])
        pixels = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2).contiguous().float() / 255
        names = list(dict.fromkeys(name for one in inputs for name in one.names))
        with torch.inference_mode():
            if self._is_world:
                text = torch.stack([self._embedding(one.names[0]) for one in inputs])[:, None]
                columns = [{one.names[0]: 0} for one in inputs]
            else:
                text = torch.stack([self._embedding(name) for name in names])[None]
                columns = [{name: names.index(name) for name in one.names} for one in inputs]
            # (images, boxes, values): centre and extent, then a score for each name
            raw = self._look(pixels, text).transpose(1, 2)
        results: list[dict[str, RawBoxes]] = []
        for one, its_columns, rows in zip(inputs, columns, raw, strict=True):
            width, height = one.region.size
            boxes = scale_boxes(square, xywh2xyxy(rows[:, :4]), (height, width))
            found: dict[str, RawBoxes] = {}
            for name, column in its_columns.items():
                sure = rows[:, 4 + column] > self._confidence
                found[name] = (boxes[sure].tolist(), rows[sure, 4 + column].tolist())
            results.append(found)
        return results

    def _look(self, pixels: Any, text: Any) -> Any:
        model, head = self._model, self._model.model[-1]
        head.nc = text.shape[1]
        head.end2end = False  # the end-to-end branch keeps one name a box, and so lets names compete
        output = model.predict(pixels, **{"txt_feats" if self._is_world else "tpe": text})
        while isinstance(output, list | tuple):
            output = output[0]
        return output.float().cpu()

    def _embedding(self, name: str) -> Any:
        """The phrase as a unit vector, as the detector saw class names in training."""
        if name not in self._embeddings:
            if len(self._embeddings) >= REMEMBERED_PHRASES:
                self._embeddings.clear()
            encoder, tokenizer = self._text_tower
            tokens = tokenizer([name]).to(self._device)
            self._embeddings[name] = encoder.encode_text(tokens, normalize=True)[0].float()
        return self._embeddings[name]

    @cached_property
    def _text_tower(self) -> tuple[Any, Any]:
        named = "clip:ViT-B/32" if self._is_world else getattr(self._model, "text_model", "mobileclip:blt")
        default = _TEXT_TOWERS[named]
        model, pretrained = self._text[0] or default.model, self._text[1] or default.pretrained
        try:
            encoder = self._open_clip.create_model(model, pretrained=pretrained, device=self._device)
            return encoder.eval(), self._open_clip.get_tokenizer(model)
        except Exception as error:
            raise ToolUnavailable(f"open_clip cannot load {model} ({pretrained}): {error}") from error

    @cached_property
    def _is_world(self) -> bool:
        return type(self._model).__name__ == "WorldModel"

    @cached_property
    def _model(self) -> Any:
        """Not shared with other tools: its head is told how many names there are before each look."""
        from ultralytics.nn.tasks import load_checkpoint

        try:
            model: Any = load_checkpoint(str(self._file), device=self._device)[0]
        except Exception as error:
            raise ToolUnavailable(f"ultralytics cannot read {self._file}: {error}") from error
        kind = type(model).__name__
        if kind not in ("WorldModel", "YOLOEModel", "YOLOESegModel") or hasattr(model.model[-1], "lrpc"):
            raise ToolUnavailable(f"{self._file} takes no phrases; use it with the detector 'ultralytics'")
        return model
