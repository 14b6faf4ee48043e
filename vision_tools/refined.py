"""A detector whose boxes a segmenter tightens."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from vision_tools import registry
from vision_tools.errors import ToolUnavailable
from vision_tools.regions import Region
from vision_tools.roles import Detection, Detector, NameQuery, Segment, Segmenter


class Refined:
    """Finds what its detector finds, with each box drawn tight around the segmented object."""

    def __init__(self, detector: Mapping[str, Any], segmenter: Mapping[str, Any]) -> None:
        """
        Args:
            detector: `name` of a detector, and its settings.
            segmenter: `name` of a segmenter, and its settings.
        """
        self._detector: Detector = nested("detector", detector)
        self._segmenter: Segmenter = nested("segmenter", segmenter)

    @property
    def identity(self) -> str:
        return f"refined ({self._detector.identity}) ({self._segmenter.identity})"

    @property
    def batch_size(self) -> int:
        return self._detector.batch_size

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        """A box whose mask is empty stays as the detector drew it."""
        found = self._detector.detect(queries)
        frames = [
            [_frame(query.region, detection) for detection in its]
            for query, its in zip(queries, found, strict=True)
        ]
        segments = iter(self._segmenter.segment([frame for its in frames for frame in its]))
        return [
            [
                _tightened(detection, frame, next(segments), query.region)
                for detection, frame in zip(its, its_frames, strict=True)
            ]
            for query, its, its_frames in zip(queries, found, frames, strict=True)
        ]


def nested(role: str, settings: Mapping[str, Any]) -> Any:
    """The tool that another tool's settings name.

    Raises:
        ToolUnavailable: the settings name none, or it cannot be made.
    """
    rest = dict(settings)
    if "name" not in rest:
        raise ToolUnavailable(
            f"the setting {role!r} needs a name: one of {', '.join(registry.available(role))}"
        )
    return registry.create(role, str(rest.pop("name")), rest)


def _frame(region: Region, detection: Detection) -> Region:
    """The detection as a region, in whole pixels of the picture."""
    x, y, _, _ = region.box
    box = detection.box.shifted(x, y)
    return Region(
        region.picture, (math.floor(box.x1), math.floor(box.y1), math.ceil(box.x2), math.ceil(box.y2))
    )


def _tightened(detection: Detection, frame: Region, segment: Segment, region: Region) -> Detection:
    """The detection with the segment's box, in pixels of `region`."""
    if segment.box.area <= 0:
        return detection
    left, top = frame.box[0] - region.box[0], frame.box[1] - region.box[1]
    return detection._replace(box=segment.box.shifted(left, top))
