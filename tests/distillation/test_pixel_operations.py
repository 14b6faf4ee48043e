"""The operations by which a model looks closer, as rollouts call them."""

from collections.abc import Callable

import pytest

from vpd.pixel_operations import OperationError, Pictures, call_text, tools
from vpd.records import ImageFile, View

IMAGE = ImageFile(path="a.png", sha256="0" * 64, width=400, height=200)
FRAMES = [View(image=ImageFile(path=f"{n}.png", sha256=f"{n:064}", width=64, height=64)) for n in range(10)]


def image() -> Pictures:
    return Pictures([View(image=IMAGE)], video=False)


def video() -> Pictures:
    return Pictures(FRAMES, video=True)


def test_boxes_are_thousandths_of_the_picture_rounded_outwards():
    [view] = image().zoom_in([100, 101, 500, 502], 1)
    assert view.box == (40, 20, 200, 101)


def test_boxes_may_be_counted_in_pixels():
    [view] = Pictures([View(image=IMAGE)], False, "pixels").zoom_in([10, 20, 30, 40], 1)
    assert view.box == (10, 20, 30, 40)


def test_a_picture_that_was_zoomed_in_on_can_be_zoomed_in_on_again():
    pictures = image()
    pictures.zoom_in([500, 0, 1000, 1000], 1)
    [view] = pictures.zoom_in([0, 0, 500, 500], 2)
    assert view.box == (200, 0, 300, 100)


def test_a_box_is_cut_at_the_edge_of_its_picture():
    [view] = image().zoom_in([-50, 500, 300, 4000], 1)
    assert view.box == (0, 100, 120, 200)


def test_selected_frames_are_shown_in_the_order_asked_for():
    pictures = video()
    assert pictures.select_frames([3, 1]) == [FRAMES[2], FRAMES[0]]
    assert len(pictures.views) == 12


@pytest.mark.parametrize(
    ("operation", "complaint"),
    [
        (lambda: image().zoom_in([0, 0, 10, 10], 2), "there is no picture 2; there are 1"),
        (lambda: image().zoom_in([0, 0, 10, 10], 0), "there is no picture 0"),
        (lambda: image().zoom_in([10, 0, 10, 10], 1), "x1 < x2"),
        (lambda: image().zoom_in([0, 0, 10], 1), "x1, y1, x2, y2"),
        (lambda: image().zoom_in([1100, 0, 1200, 10], 1), "outside of picture 1"),
        (lambda: image().select_frames([1]), "there is no video"),
        (lambda: video().select_frames([]), "select 1 to 8 frames"),
        (lambda: video().select_frames(range(1, 10)), "select 1 to 8 frames"),
        (lambda: video().select_frames([11]), "there is no frame 11; there are 10"),
    ],
)
def test_what_makes_no_sense_is_said(operation: Callable[[], object], complaint: str):
    with pytest.raises(OperationError, match=complaint):
        operation()


def test_calls_are_written_as_the_chat_template_writes_them():
    written = call_text("zoom_in", {"bbox_2d": [1, 2, 3, 4], "target_image": 1})
    assert written == (
        '<tool_call>\n{"name": "zoom_in", "arguments": {"bbox_2d": [1, 2, 3, 4], "target_image": 1}}\n</tool_call>'
    )


def test_the_tools_say_what_boxes_are_counted_in():
    assert "thousandths" in str(tools("relative"))
    assert "in pixels" in str(tools("pixels"))
