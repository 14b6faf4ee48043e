"""Is each attribute asked of the thing that has it?"""

import pytest

from vpd.verification.bindings import unbound

QUESTION = "Is the blue cone left of the large red cube?"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('return image.find("blue cone"), image.find("large red cube")', ()),
        ('return image.find("cone"), image.find("large red cube")', ("blue cone",)),
        ('return image.find("blue cone"), image.find("red cube")', ("big cube",)),
        ('return [p for p in image.find("cone") if p.verify_property("cone", "blue")]', ()),
        ('return [p for p in image.find("cone") if p.simple_query("What colour is it?") == "blue"]', ()),
        ('return [image.find(name) for name in ("blue cone", "big red cube")]', ()),
        ('found = {}\n    found["blue cone"] = image.find("cone")[0].left\n    return found', ("blue cone",)),
        ('return image.exists("sphere")', ()),  # that the cone is missing is told elsewhere
    ],
)
def test_attributes_that_are_not_asked_of_their_thing(body: str, found: tuple[str, ...]):
    assert unbound(f"def execute_command(image):\n    {body}\n", QUESTION) == found


def test_a_frame_in_which_it_is_seen_does_not_make_the_cone_blue():
    program = 'def execute_command(video):\n    return video.select_frames("a blue cone")[0].exists("cone")\n'
    assert unbound(program, "Is a blue cone shown?") == ("blue cone",)
