"""Many scenes on one picture."""

from itertools import islice

from vpd.tabletop.contact_sheet import contact_sheet
from vpd.tabletop.generation import asked_scenes


def test_scenes_lie_in_rows():
    scenes = list(islice(asked_scenes("train", 8, 0, ["count", "clip_sign"]), 5))
    plain = contact_sheet(scenes, columns=3, tile=128, captions=False)
    assert plain.size == (8 + 3 * 136, 8 + 2 * 136)
    assert contact_sheet(scenes, columns=3, tile=128).size[1] > plain.size[1]
