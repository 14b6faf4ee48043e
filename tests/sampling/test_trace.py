"""What tools reported, as a program would print it."""

import pytest

from tests.sampling.samples import FIND, example
from vpd.records import Json, Step
from vpd.sampling.trace import trace_lines

IMAGES = example().images
PATCH: Json = {"image": 0, "box": [10, 20, 30, 60], "category": "TOTAL", "confidence": 1.0}


def line(**fields: object) -> str:
    [only] = trace_lines([FIND.model_copy(update=fields)], IMAGES)
    return only


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (True, "True"),
        (None, "None"),
        (3.14159265, "3.142"),
        ("two\nlines", '"two\\nlines"'),
        ([], "[]"),
        ([PATCH, "… 9 more"], '[ImagePatch(10, 20, 30, 60), "… 9 more"]'),
    ],
)
def test_results_are_in_the_notation_of_programs(result: Json, shown: str):
    assert line(result=result) == f"2: image.find('cup') → {shown}"


def test_boxes_have_their_origin_at_the_bottom_left():
    box: Json = {"image": 0, "box": [0, 0, 100, 8], "category": "", "confidence": 1.0}
    assert line(result=[box]).endswith("[ImagePatch(0, 72, 100, 80)]")


def test_lines_of_text_come_with_their_text():
    assert line(tool="find_text", result=[PATCH]).endswith('[ImagePatch(10, 20, 30, 60, "TOTAL")]')


def test_frames_of_a_video_are_known_by_their_index():
    assert line(tool="select_frames", result=[PATCH]).endswith("[frame 0]")


def test_the_best_of_several_patches_is_shown_in_place_of_its_index():
    assert line(tool="best_image_match", arguments={"list_patches": [0, PATCH]}, result=1).endswith(
        "ImagePatch(10, 20, 30, 60)"
    )


def test_a_failed_call_says_why():
    assert line(result=None, error="nobody plays the role `answerer`").endswith(
        "→ failed: nobody plays the role `answerer`"
    )


def test_long_results_are_cut():
    assert len(line(result="x" * 5000)) < 300


def test_only_calls_are_shown():
    bound = Step(kind="bind", line=2, expression="len(cups)", name="n", value=3)
    assert trace_lines([bound, FIND, bound], IMAGES) == [line()]
