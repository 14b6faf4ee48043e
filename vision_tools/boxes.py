"""Geometry that every detector shares: clipping, overlap, non-maximum suppression."""

from collections.abc import Iterable, Sequence

import numpy as np

from vision_tools.regions import Box
from vision_tools.roles import Detection

MIN_SIDE = 1.0
"""Detections narrower or lower than this many pixels are dropped: nothing is to be seen in them."""


def clipped(box: Box, width: float, height: float) -> Box:
    """The part of a box inside an image of this size; its area is 0 where nothing is left."""
    return box.intersection(Box(0.0, 0.0, float(width), float(height)))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, in [0, 1]."""
    shared = a.intersection(b).area
    union = a.area + b.area - shared
    return shared / union if union > 0 else 0.0


def suppressed(detections: Iterable[Detection], iou: float) -> list[Detection]:
    """Greedy non-maximum suppression across labels: the surest of boxes overlapping more than `iou` stays."""
    ranked = sorted(detections, key=lambda d: -d.score)
    boxes = np.array([d.box for d in ranked], dtype=np.float64).reshape(-1, 4)
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    alive = np.ones(len(ranked), dtype=bool)
    kept: list[Detection] = []
    for i, detection in enumerate(ranked):
        if not alive[i]:
            continue
        kept.append(detection)
        corner = np.minimum(boxes[i, 2:], boxes[:, 2:]) - np.maximum(boxes[i, :2], boxes[:, :2])
        shared = np.prod(np.maximum(corner, 0), axis=1)
        alive &= shared <= iou * (area + area[i] - shared)
    return kept


def left_to_right(detections: Iterable[Detection]) -> list[Detection]:
    return sorted(detections, key=lambda d: d.box)


def detection(box: Sequence[float], label: str, score: float, size: tuple[int, int]) -> Detection | None:
    """A model's raw box as a detection, clipped to its region; None where less than a pixel is left.

    Numbers are rounded (a hundredth of a pixel), as a model's last digits vary with the batch.

    Args:
        box: `x1, y1, x2, y2` in pixels of the region.
        size: width and height of the region.
    """
    inside = clipped(Box(*(round(float(side), 2) for side in box)), *size)
    if min(inside.width, inside.height) < MIN_SIDE:
        return None
    return Detection(inside, label, round(float(score), 5))


def tidied(
    boxes: Sequence[Sequence[float]],
    scores: Sequence[float],
    label: str,
    *,
    size: tuple[int, int],
    iou: float,
) -> list[Detection]:
    """A model's raw boxes for one label as detections: clipped, without slivers and doubles, left to right.

    Args:
        boxes: `x1, y1, x2, y2` in pixels of the region.
        size: width and height of the region.
        iou: of boxes overlapping more than this, only the surest is kept.
    """
    found = (detection(box, label, score, size) for box, score in zip(boxes, scores, strict=True))
    return left_to_right(suppressed((d for d in found if d is not None), iou))
