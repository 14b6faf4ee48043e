"""Geometry that every detector shares: clipping, overlap, non-maximum suppression."""

from collections.abc import Iterable

from vision_tools.regions import Box
from vision_tools.roles import Detection


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
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda d: -d.score):
        if all(overlap(detection.box, other.box) <= iou for other in kept):
            kept.append(detection)
    return kept


def left_to_right(detections: Iterable[Detection]) -> list[Detection]:
    return sorted(detections, key=lambda d: (d.box.x1, d.box.y1))
