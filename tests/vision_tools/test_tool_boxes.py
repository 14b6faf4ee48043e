"""Laws of box geometry, cropping and reading order."""

from collections.abc import Callable

import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vision_tools.boxes import clipped, overlap, suppressed, tidied
from vision_tools.crops import MIN_SIDE, large_enough, with_margin
from vision_tools.reading_order import in_reading_order
from vision_tools.regions import Box, Region
from vision_tools.roles import Detection, TextLine

_SIDE = st.integers(0, 100)
BOXES = st.tuples(_SIDE, _SIDE, _SIDE, _SIDE).map(
    lambda s: Box(min(s[0], s[2]), min(s[1], s[3]), max(s[0], s[2]) + 1, max(s[1], s[3]) + 1)
)
DETECTIONS = st.lists(st.tuples(BOXES, st.floats(0, 1)), max_size=12).map(
    lambda pairs: [Detection(box, "thing", score) for box, score in pairs]
)


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_one_for_equal_boxes(a: Box, b: Box) -> None:
    assert overlap(a, b) == overlap(b, a)
    assert 0 <= overlap(a, b) <= 1
    assert overlap(a, a) == 1


@given(BOXES, st.integers(1, 120), st.integers(1, 120))
def test_a_clipped_box_is_inside_or_empty(box: Box, width: int, height: int) -> None:
    inside = clipped(box, width, height)
    assert inside.area == 0 or (0 <= inside.x1 < inside.x2 <= width and 0 <= inside.y1 < inside.y2 <= height)


@given(DETECTIONS, st.floats(0.05, 0.95))
def test_suppression_is_torchvisions(detections: list[Detection], iou: float) -> None:
    ranked = sorted(detections, key=lambda d: -d.score)
    kept = suppressed(detections, iou)
    boxes = torch.tensor([d.box for d in ranked], dtype=torch.float64).reshape(-1, 4)
    scores = torch.arange(len(ranked), 0, -1, dtype=torch.float64)
    assert kept == [ranked[i] for i in torchvision.ops.nms(boxes, scores, iou)]


def test_slivers_and_doubles_are_dropped() -> None:
    raw = [(0, 0, 50, 50), (1, 0, 50, 50), (60, 10, 60.4, 30), (-20, 90, 20, 130)]
    found = tidied(raw, [0.5, 0.9, 0.8, 0.7], "cat", size=(100, 100), iou=0.5)
    assert [d.box for d in found] == [(0, 90, 20, 100), (1, 0, 50, 50)]


def test_a_margin_ends_at_the_picture(region_of: Callable[..., Region]) -> None:
    image = Image.new("RGB", (100, 50))
    assert with_margin(region_of(image, (40, 20, 60, 30)), 10).size == (40, 30)
    assert with_margin(region_of(image, (0, 5, 95, 50)), 10).size == (100, 50)


@given(st.integers(1, 80), st.integers(1, 80))
def test_padding_keeps_the_pixels_in_place(width: int, height: int) -> None:
    image = Image.new("RGB", (width, height), "white")
    padded = large_enough(image)
    assert min(padded.size) >= min(MIN_SIDE, *image.size)
    assert padded.crop((0, 0, width, height)).tobytes() == image.tobytes()
    assert padded.size == image.size or sum(padded.convert("L").histogram()[1:]) == width * height


def _line(text: str, x: float, y: float, height: float = 10) -> TextLine:
    return TextLine(text, Box(x, y, x + 30, y + height), 1.0)


@given(st.permutations(["a", "b", "c", "d", "e"]))
def test_text_is_read_row_by_row_whatever_order_it_was_found_in(order: list[str]) -> None:
    # The second row is skewed, the third begins before the second ends.
    places = {"a": (0, 0), "b": (50, 2), "c": (0, 20), "d": (50, 24), "e": (0, 31)}
    lines = in_reading_order(_line(text, *places[text]) for text in order)
    assert [line.text for line in lines] == ["a", "b", "c", "d", "e"]


def test_a_tall_piece_does_not_swallow_the_lines_beside_it() -> None:
    lines = in_reading_order([_line("tall", 100, 0, 60), _line("one", 0, 10), _line("two", 0, 30)])
    assert [line.text for line in lines].index("one") < [line.text for line in lines].index("two")
