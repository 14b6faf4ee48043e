"""Tools by name: the built-in ones, those of another package, and what is said when one cannot be had."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vision_tools import packages, registry
from vision_tools.errors import ToolUnavailable
from vision_tools.regions import Picture, Region
from vision_tools.roles import NameQuery
from vision_tools.tryout import list_tools


@pytest.mark.parametrize(("role", "name"), list(registry.BUILT_IN))
def test_every_built_in_tool_plays_its_role(role: str, name: str) -> None:
    made = registry.factory(role, name)
    methods = {m for m in vars(registry.PROTOCOLS[role]) if not m.startswith("_")}
    assert {*methods, "identity", "batch_size"} <= set(dir(made))


def test_tools_are_listed_with_their_settings() -> None:
    found = {(tool.role, tool.name): tool.settings for tool in list_tools()}
    assert set(registry.BUILT_IN) <= set(found)
    assert found["reader", "rapidocr"] == ("confidence", "threads")


def test_listing_loads_no_heavy_library() -> None:
    code = (
        "import sys; from vision_tools.tryout import list_tools; list_tools(); "
        "print({'torch', 'transformers', 'ultralytics', 'cv2', 'openai', 'rapidocr', 'av'} & set(sys.modules))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("role", "name", "settings", "message"),
    [
        ("smeller", "x", {}, "there is no role 'smeller'; the roles are detector, "),
        ("detector", "x", {}, "no detector is called 'x'; there are annotations, "),
        (
            "reader",
            "rapidocr",
            {"x": 1},
            "reader 'rapidocr' has no setting 'x'; its settings are confidence, ",
        ),
        ("detector", "annotations", {}, "detector 'annotations' cannot be made: .*missing"),
    ],
)
def test_a_mistake_is_named_with_what_there_is(
    role: str, name: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ToolUnavailable, match=message):
        registry.create(role, name, settings)


def test_a_tool_must_play_the_role_it_is_named_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BUILT_IN, ("depth", "wrong"), "vision_tools.rapidocr:RapidOcr")
    with pytest.raises(ToolUnavailable, match="'wrong' does not play the role 'depth'"):
        registry.create("depth", "wrong", {})


OTHER_PACKAGE = '''
from vision_tools.regions import Box
from vision_tools.roles import Detection


class Corners:
    """Finds the corners of a region, whatever it is asked for."""

    identity, batch_size = "corners 1", 64

    def __init__(self, side: int = 4) -> None:
        self._side = side

    def detect(self, queries):
        return [[Detection(Box(0, 0, self._side, self._side), name, 1.0)] for _, name in queries]
'''


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution: its module and its metadata, as pip would lay them out."""
    (tmp_path / "corner_tools.py").write_text(OTHER_PACKAGE)
    metadata = tmp_path / "corner_tools-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: corner-tools\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[vpd.tools]\ndetector.corners = corner_tools:Corners\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("other_package")
def test_another_package_adds_a_tool_by_an_entry_point() -> None:
    assert "corners" in registry.available("detector")
    assert ("detector", "corners", ("side",)) in list_tools()
    tool: Any = registry.create("detector", "corners", {"side": 7})
    region = Region(Picture("0", lambda: Image.new("RGB", (9, 9))), (0, 0, 9, 9))
    assert tool.detect([NameQuery(region, "corner")])[0][0].box == (0, 0, 7, 7)
    with pytest.raises(
        ToolUnavailable, match="detector 'corners' has no setting 'size'; its settings are side"
    ):
        registry.create("detector", "corners", {"size": 7})


@pytest.mark.parametrize(
    ("module", "role", "name", "settings", "command"),
    [
        ("ultralytics", "detector", "ultralytics", {"weights": "FILE"}, r"pip install 'vpd\[detectors\]'"),
        (
            "groundingdino",
            "detector",
            "groundingdino_py",
            {"weights": "FILE"},
            r"pip install 'vpd\[detectors\]'",
        ),
        ("open_clip", "detector", "yolo_open", {"weights": "FILE"}, r"pip install 'vpd\[models\]'"),
        ("torchvision", "detector", "torchvision", {}, r"pip install 'vpd\[models\]'"),
        ("rapidocr", "reader", "rapidocr", {}, r"pip install 'vpd\[models\]'"),
        ("onnxruntime", "reader", "rapidocr", {}, r"pip install 'vpd\[models\]'"),
        ("open_clip", "scorer", "open_clip", {}, r"pip install 'vpd\[models\]'"),
        ("openai", "answerer", "endpoint", {"model": "m"}, r"pip install 'vpd\[models\]'"),
    ],
)
def test_a_missing_package_gives_the_command_that_installs_it(
    module: str,
    role: str,
    name: str,
    settings: dict[str, Any],
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(wanted: str) -> Any:
        if wanted == module:
            raise ModuleNotFoundError(f"No module named {wanted!r}", name=wanted)
        return import_module(wanted)

    monkeypatch.setattr(packages, "import_module", absent)
    (tmp_path / "weights.pt").touch()
    made = {
        key: str(tmp_path / "weights.pt") if value == "FILE" else value for key, value in settings.items()
    }
    with pytest.raises(ToolUnavailable, match=f"needs the package '{module}': {command}"):
        registry.create(role, name, made)


def test_missing_transformers_gives_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(wanted: str) -> Any:
        raise ModuleNotFoundError(f"No module named {wanted!r}", name=wanted)

    monkeypatch.setattr(packages, "import_module", absent)
    tool: Any = registry.factory("depth", "transformers")(model=str(tmp_path))
    region = Region(Picture("0", lambda: Image.new("RGB", (9, 9))), (0, 0, 9, 9))
    with pytest.raises(
        ToolUnavailable, match=r"needs the package 'transformers': pip install 'vpd\[models\]'"
    ):
        tool.depth([region])
