"""Values of a trace are shown as Python prints them, and patches as boxes."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.reporting.sample import patch
from vpd.reporting.values import arguments, box, shown, visible

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4))


@given(values)
def test_a_value_without_patches_is_shown_as_python_prints_it(value):
    assert shown(value) == repr(value)


@given(st.text())
def test_visible_text_holds_no_character_that_hides_or_reorders(text):
    hiding = set(map(chr, [0, 0x1B, 0x7F, 0x85, 0x200B, 0x2028, 0x2029, 0x202E, 0x2066, 0xFEFF, 0xE0041]))
    assert not hiding & set(visible(text + "".join(hiding)))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_stays_as_it_is(text):
    assert visible(text) == text


def test_joiners_stay_because_scripts_and_emoji_need_them():
    assert visible("👩\u200d🔬 می\u200cخواهم\tx\n") == "👩\u200d🔬 می\u200cخواهم\tx\n"


def test_patches_stand_between_the_text_as_image_box_and_label():
    found = [patch((1.0, 2.0, 30.25, 40.0), "dog", 0.912, image=1), patch((0.0, 0.0, 9.0, 9.0))]
    assert shown(found) == ["[", [1, 1, 2, 30.2, 40, "dog 0.91"], ", ", [0, 0, 0, 9, 9, ""], "]"]


def test_a_patch_without_an_image_is_on_the_image_of_its_step():
    assert shown({"box": [1, 2, 3, 4]}, image=2) == [[2, 1, 2, 3, 4, ""]]


def test_a_dict_that_only_resembles_a_patch_is_shown_whole():
    assert shown({"box": [1, 2, 3, 4], "owner": "me"}) == "{'box': [1, 2, 3, 4], 'owner': 'me'}"


def test_arguments_are_shown_by_name():
    shown_arguments = arguments({"content": ["a", "b"], "patch": patch((1, 2, 3, 4))})
    assert "".join(p for p in shown_arguments if isinstance(p, str)) == "content=['a', 'b'], patch="
    assert shown_arguments[-1] == [0, 1, 2, 3, 4, ""]


def test_what_is_no_box_is_refused():
    for value in [None, "abcd", [1, 2, 3], [1, 2, 3, float("nan")], [1, 2, True, 4], [1, 2, 3, "4"]]:
        assert box(value) is None


def test_a_deeply_nested_value_is_cut_off():
    value: list = []
    for _ in range(900):
        value = [value]
    assert "…" in shown(value)


@given(values)
def test_what_is_shown_is_json_that_a_browser_reads(value):
    json.dumps(shown({"value": value}), allow_nan=False)
