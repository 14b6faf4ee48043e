"""A depth estimator: Depth Anything, DPT/MiDaS, ZoeDepth and their like through transformers."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from vision_tools.batching import Batcher
from vision_tools.crops import large_enough
from vision_tools.errors import ToolError
from vision_tools.loading import Weights, load_model, load_processor
from vision_tools.regions import Picture, Region

MAP_SIDE = 512
"""Depth maps are kept with this many pixels on the longer side: about what the models resolve."""

REMEMBERED_MAPS = 256

_METRIC_MODELS = ("zoedepth", "glpn", "depth_pro", "prompt_depth_anything")
"""Models whose output is a distance in metres, by `model_type`; that of the others grows with nearness."""


class _Input(NamedTuple):
    picture: Picture
    pixels: Any
    """Float tensor of shape (3, height, width)."""
    size: tuple[int, int]
    """Width and height of what `pixels` were made of."""


class Depth:
    """The median depth of a region in the depth map of its whole picture; larger is farther.

    Metric models give metres. Relative models give inverse depth up to an unknown scale and shift (MiDaS,
    Ranftl et al. 2020, arXiv 1907.01341), which is turned round and stretched to the picture: 0 is its nearest
    and 1 its farthest point, so that their values compare within one picture only.
    """

    def __init__(
        self,
        model: str = "depth-anything/Depth-Anything-V2-Small-hf",
        *,
        kind: Literal["auto", "relative", "metric"] = "auto",
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
        batch_size: int = 8,
    ) -> None:
        """
        Args:
            model: a hub name or folder, e.g. also `Intel/dpt-hybrid-midas` or `Intel/zoedepth-nyu-kitti`.
            kind: what the model's output means; `auto` reads it off the model's configuration.
        """
        self._weights = Weights(model, revision, device, dtype)
        self._kind = kind
        # On a CPU one picture at a time: how a result is rounded hangs on what shares its batch, and that on timing.
        self._alone = Batcher(1) if device.startswith("cpu") else None
        self._batcher = Batcher(batch_size)
        self._maps: OrderedDict[str, np.ndarray] = OrderedDict()

    @cached_property
    def identity(self) -> str:
        return f"depth {self._weights.identity} kind={self._kind}"

    @property
    def batch_size(self) -> int:
        return self._batcher.size

    def depth(self, regions: Sequence[Region]) -> list[float]:
        """
        Raises:
            ToolError: a region is empty.
        """
        new = {r.picture.sha256: r.picture for r in regions if r.picture.sha256 not in self._maps}
        inputs = [self._input(picture) for picture in new.values()]
        maps = (self._alone or self._batcher).run(inputs, self._forward, shape=lambda one: one.pixels.shape)
        self._maps.update(zip(new, maps, strict=True))
        for region in regions:
            self._maps.move_to_end(region.picture.sha256)
        depths = [_median(self._maps[region.picture.sha256], region) for region in regions]
        while len(self._maps) > REMEMBERED_MAPS:
            self._maps.popitem(last=False)
        return depths

    def _input(self, picture: Picture) -> _Input:
        image = large_enough(picture.load())
        pixels = self._processor(images=image, return_tensors="pt")["pixel_values"][0]
        return _Input(picture, pixels, image.size)

    def _forward(self, inputs: Sequence[_Input]) -> list[np.ndarray]:
        import torch

        pixels = torch.stack([one.pixels for one in inputs]).to(self._model.device, self._model.dtype)
        with torch.inference_mode():
            output = self._model(pixel_values=pixels)
        shown = [(one.size[1], one.size[0]) for one in inputs]
        kept = [_within(height, width) for height, width in shown]
        # ZoeDepth's processor pads images, and must know their size to cut the padding off again.
        sizes = {"source_sizes": shown} if self._model.config.model_type == "zoedepth" else {}
        maps = self._processor.post_process_depth_estimation(output, target_sizes=kept, **sizes)
        return [
            self._distances(found["predicted_depth"].float().cpu().numpy(), one)
            for found, one in zip(maps, inputs, strict=True)
        ]

    def _distances(self, values: np.ndarray, one: _Input) -> np.ndarray:
        width, height = one.picture.load().size
        rows, columns = values.shape
        # What was padded to make the picture large enough is no part of it.
        values = values[: max(rows * height // one.size[1], 1), : max(columns * width // one.size[0], 1)]
        if not np.isfinite(values).all():
            raise ToolError("the depth model gave values that are not finite; use dtype float32")
        if self._is_metric:
            return values.astype(np.float32)
        low, high = float(values.min()), float(values.max())
        return ((high - values) / max(high - low, 1e-12)).astype(np.float32)

    @cached_property
    def _is_metric(self) -> bool:
        if self._kind != "auto":
            return self._kind == "metric"
        config = self._model.config
        return (
            config.model_type in _METRIC_MODELS
            or getattr(config, "depth_estimation_type", "relative") == "metric"
        )

    @cached_property
    def _model(self) -> Any:
        return load_model(self._weights, "AutoModelForDepthEstimation")

    @cached_property
    def _processor(self) -> Any:
        return load_processor(self._weights, "AutoImageProcessor")


def _within(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, MAP_SIDE / max(height, width))
    return max(round(height * scale), 1), max(round(width * scale), 1)


def _median(depths: np.ndarray, region: Region) -> float:
    """Over the pixels of the map that the region covers, at least one."""
    width, height = region.picture.load().size
    x1, y1, x2, y2 = region.box
    if x2 <= x1 or y2 <= y1:
        raise ToolError(f"the region {region.box} is empty, so it has no depth")
    rows, columns = depths.shape
    top = min(max(int(y1 * rows / height), 0), rows - 1)
    left = min(max(int(x1 * columns / width), 0), columns - 1)
    bottom, right = max(round(y2 * rows / height), top + 1), max(round(x2 * columns / width), left + 1)
    return round(float(np.median(depths[top:bottom, left:right])), 5)
