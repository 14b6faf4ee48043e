"""A data set's own boxes and attributes, asked as a detector."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vision_tools.annotations import Annotations
from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.regions import Box, Region
from vision_tools.roles import AttributeQuery, AttributeVerifier, Detector, NameQuery

RegionOf = Callable[..., Region]

OBJECTS: list[dict[str, Any]] = [
    {"name": "box", "attributes": ["grey"], "box": [0, 0, 50, 50]},
    {"name": "square", "attributes": ["blue", "small"], "box": [30, 10, 40, 20]},
    {"name": "square", "attributes": ["yellow", "big"], "box": [5, 5, 25, 25]},
    {"name": "triangle", "attributes": ["yellow", "medium"], "box": [60, 0, 80, 20]},
    {"name": "cat", "box": [60, 30, 100, 50]},
]


@pytest.fixture
def images(tmp_path: Path) -> Path:
    Image.new("RGB", (100, 50), "white").save(tmp_path / "one.png")
    return tmp_path


@pytest.fixture
def tool(images: Path) -> Annotations:
    return Annotations(written(images, OBJECTS), images)


@pytest.fixture
def picture(images: Path, region_of: RegionOf) -> Region:
    return region_of(images / "one.png")


def written(folder: Path, objects: list[dict[str, Any]]) -> Path:
    file = folder / "annotations.jsonl"
    file.write_text(json.dumps({"image": "one.png", "width": 100, "height": 50, "objects": objects}) + "\n")
    return file


def found(tool: Annotations, region: Region, name: str) -> list[Box]:
    return [detection.box for detection in tool.detect([NameQuery(region, name)])[0]]


def test_plays_both_roles(tool: Annotations) -> None:
    assert isinstance(tool, Detector)
    assert isinstance(tool, AttributeVerifier)


def test_objects_come_from_left_to_right(tool: Annotations, picture: Region) -> None:
    assert found(tool, picture, "squares") == [Box(5, 5, 25, 25), Box(30, 10, 40, 20)]


def test_attributes_narrow_the_name(tool: Annotations, picture: Region) -> None:
    assert found(tool, picture, "large yellow square") == [Box(5, 5, 25, 25)]
    assert found(tool, picture, "yellow shape") == [Box(5, 5, 25, 25), Box(60, 0, 80, 20)]
    assert found(tool, picture, "red square") == []


def test_boxes_are_clipped_to_the_region_and_given_in_its_pixels(tool: Annotations, picture: Region) -> None:
    region = Region(picture.picture, (10, 0, 60, 50))
    assert found(tool, region, "yellow square") == [Box(0, 5, 15, 25)]


def test_an_object_less_than_half_inside_is_not_found(tool: Annotations, picture: Region) -> None:
    assert found(tool, Region(picture.picture, (16, 0, 100, 50)), "yellow square") == []


def test_the_region_itself_is_no_object_in_it(tool: Annotations, picture: Region) -> None:
    box = Region(picture.picture, (0, 0, 50, 50))
    assert len(found(tool, box, "object")) == 2
    assert len(found(tool, box, "box")) == 1


def test_a_name_that_is_nowhere_is_found_nowhere(tool: Annotations, picture: Region) -> None:
    assert found(tool, picture, "dog") == []


def test_an_absent_name_outside_the_vocabulary_is_an_error(images: Path, picture: Region) -> None:
    tool = Annotations(written(images, OBJECTS), images, vocabulary=["cat", "dog"])
    assert found(tool, picture, "dogs") == []
    with pytest.raises(ToolError, match="'hat' is not in the vocabulary"):
        found(tool, picture, "hat")


def test_the_vocabulary_can_be_a_file(images: Path, picture: Region) -> None:
    (images / "names").write_text("cat\ndog\n")
    tool = Annotations(written(images, OBJECTS), images, vocabulary=images / "names")
    assert found(tool, picture, "dogs") == []


def test_without_attributes_an_adjective_cannot_be_answered(tool: Annotations, picture: Region) -> None:
    with pytest.raises(ToolError, match="carry no attributes for 'cat'"):
        found(tool, picture, "black cat")
    with pytest.raises(ToolError, match="carry no attributes for 'cat'"):
        tool.verify([AttributeQuery(picture, "cat", "black")])


def test_an_image_without_annotations_is_an_error(tool: Annotations, region_of: RegionOf) -> None:
    with pytest.raises(ToolError, match="no annotations for this image"):
        found(tool, region_of(Image.new("RGB", (8, 8))), "cat")


@pytest.mark.parametrize(
    ("name", "attribute", "answer"),
    [
        ("square", "yellow", True),
        ("square", "blue", False),
        ("object", "large", True),
        ("object", "yellow color", True),
        ("block", "big yellow", True),
        ("triangle", "yellow", False),
        ("shape", "square", True),
        ("shape", "triangle", False),
    ],
)
def test_attributes_of_the_object_that_fills_the_region(
    tool: Annotations, picture: Region, name: str, attribute: str, answer: bool
) -> None:
    region = Region(picture.picture, (5, 5, 25, 25))
    assert tool.verify([AttributeQuery(region, name, attribute)]) == [answer]


def test_an_attribute_nobody_annotated_is_not_denied(tool: Annotations, picture: Region) -> None:
    with pytest.raises(ToolError, match="do not say whether 'square' is 'touching wall'"):
        tool.verify([AttributeQuery(Region(picture.picture, (5, 5, 25, 25)), "square", "touching the wall")])
    with pytest.raises(ToolError, match="do not say whether 'square' is 'metal'"):
        tool.verify([AttributeQuery(Region(picture.picture, (5, 5, 25, 25)), "square", "metal")])


def test_one_false_attribute_settles_it(tool: Annotations, picture: Region) -> None:
    region = Region(picture.picture, (5, 5, 25, 25))
    assert tool.verify([AttributeQuery(region, "square", "shiny blue")]) == [False]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2: the line: Invalid JSON"),
        ('{"image": "a", "width": 1, "height": 1}', "line 2: objects: Field required"),
        ('{"image": "a", "width": 0, "height": 1, "objects": []}', "line 2: width"),
        (
            '{"image": "a", "width": 9, "height": 9, "objects": [{"name": "x", "box": [1, 2, 3]}]}',
            "objects.0.box",
        ),
        (
            '{"image": "a", "width": 9, "height": 9, "objects": [{"name": "x", "box": [3, 2, 1, 4]}]}',
            "the box of 'x' is empty",
        ),
    ],
)
def test_a_malformed_line_is_named(images: Path, line: str, complaint: str) -> None:
    file = written(images, OBJECTS)
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(ToolUnavailable, match=complaint):
        Annotations(file, images)


def test_a_folder_without_the_images_is_an_error(images: Path, picture: Region) -> None:
    tool = Annotations(written(images, OBJECTS), images / "elsewhere")
    with pytest.raises(ToolUnavailable, match="no image of"):
        found(tool, picture, "cat")


def test_the_identity_follows_the_content(images: Path) -> None:
    first = Annotations(written(images, OBJECTS), images).identity
    assert Annotations(written(images, OBJECTS), images).identity == first
    assert Annotations(written(images, OBJECTS), images, vocabulary=["cat"]).identity != first
    assert Annotations(written(images, OBJECTS[:2]), images).identity != first


def test_real_scenes_hold_what_people_said_of_them(real_data: Path, region_of: RegionOf) -> None:
    folder = real_data / "nlvr_dev"
    tool = Annotations(folder / "annotations.jsonl", folder)
    region = region_of(folder / "images" / "dev-1229-0-0.png")
    assert [len(found(tool, region, name)) for name in ("box", "black item", "red circle")] == [3, 3, 0]
