"""Detectors of a fixed set of classes: names matched to classes, one look at a region, real accuracy."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tool_accuracy import average_precision, region
from vision_tools.batching import Batcher
from vision_tools.closed_vocabulary import ClosedVocabulary
from vision_tools.errors import ToolError
from vision_tools.regions import Box, Region
from vision_tools.registry import create
from vision_tools.roles import Detection, NameQuery

ROOT = Path(__file__).parents[2]

FOUND = [
    Detection(Box(50, 0, 90, 40), "car", 0.9),
    Detection(Box(51, 0, 91, 40), "truck", 0.6),
    Detection(Box(0, 0, 20, 20), "person", 0.8),
]


class Looks:
    """Finds the same three things everywhere, and counts how often it looked."""

    def __init__(self) -> None:
        self.regions: list[Region] = []
        classes = ("person", "car", "truck", "clock")
        self.detector = ClosedVocabulary("m.pt", lambda: classes, self._forward, iou=0.5, batcher=Batcher(4))

    def _forward(self, regions: Sequence[Region]) -> list[list[Detection]]:
        self.regions += regions
        return [list(FOUND) for _ in regions]


@pytest.fixture
def looks() -> Looks:
    return Looks()


def test_a_general_name_covers_classes_and_no_thing_twice(looks: Looks, noise: list[Region]) -> None:
    found = looks.detector.detect([NameQuery(noise[0], "vehicles"), NameQuery(noise[0], "truck")])
    assert [[d.label for d in its] for its in found] == [["car"], ["truck"]]


def test_one_look_serves_all_the_names(looks: Looks, noise: list[Region]) -> None:
    looks.detector.detect([NameQuery(r, name) for r in noise for name in ("car", "woman", "clock")])
    looks.detector.detect([NameQuery(noise[0], "thing")])
    assert len(looks.regions) == len(set(noise))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("monitor", "m.pt has no class for 'monitor'; use an open-vocabulary detector"),
        ("wall clock", "m.pt finds 'clock' but cannot tell which are 'wall'"),
        ("red car", "m.pt finds 'car' but cannot tell which are 'red'"),
        ("man with a hat", "m.pt finds 'person' but cannot tell which are 'with hat'"),
    ],
)
def test_what_the_classes_do_not_cover_is_an_error(
    looks: Looks, noise: list[Region], name: str, reason: str
) -> None:
    with pytest.raises(ToolError, match=reason):
        looks.detector.detect([NameQuery(noise[0], name)])


def test_after_such_an_error_the_others_cost_no_second_look(looks: Looks, noise: list[Region]) -> None:
    queries = [NameQuery(region, "car") for region in noise]
    with pytest.raises(ToolError):
        looks.detector.detect([*queries, NameQuery(noise[0], "unicorn")])
    seen = len(looks.regions)
    assert [len(looks.detector.detect([query])[0]) for query in queries] == [1] * len(queries)
    assert len(looks.regions) == seen


def test_the_real_network_finds_what_people_annotated(real_data: Path) -> None:
    detector = create(
        "detector", "ultralytics", {"weights": str(real_data / "weights" / "yolov8n_int8.onnx")}
    )
    classes = (real_data / "weights" / "coco.names").read_text().splitlines()
    # .55 measured on all thirty photographs at this threshold.
    assert average_precision(detector, real_data / "photos", classes, images=12)[0] > 0.5


def test_a_model_exported_for_single_images_takes_batches(real_data: Path) -> None:
    tool: Any = create(
        "detector", "ultralytics", {"weights": str(real_data / "weights" / "yolov8n_int8.onnx")}
    )
    fresh: Any = create(
        "detector", "ultralytics", {"weights": str(real_data / "weights" / "yolov8n_int8.onnx")}
    )
    photos = [region(file) for file in sorted((real_data / "photos" / "images").iterdir())[:3]]
    queries = [NameQuery(photo, "thing") for photo in photos]
    together = tool.detect(queries)
    assert together == [fresh.detect([query])[0] for query in queries]
    assert any(together)


def test_the_library_writes_nothing_into_the_home_folder(tmp_path: Path, real_data: Path) -> None:
    code = (
        "import sys; from PIL import Image; from vision_tools.registry import create; "
        "from vision_tools.regions import Picture, Region; from vision_tools.roles import NameQuery; "
        "tool = create('detector', 'ultralytics', {'weights': sys.argv[1]}); "
        "picture = Picture('0', lambda: Image.new('RGB', (64, 64))); "
        "print(tool.detect([NameQuery(Region(picture, (0, 0, 64, 64)), 'cat')]))"
    )
    weights = str(real_data / "weights" / "yolov8n_int8.onnx")
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    done = subprocess.run(
        [sys.executable, "-c", code, weights],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[[]]"
    assert list(tmp_path.rglob("*")) == []
