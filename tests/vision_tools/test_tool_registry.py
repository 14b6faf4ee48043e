"""Tools by name: the built-in ones, those of another package, and what is said when one cannot be had."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vision_tools import packages, registry
from vision_tools.errors import ToolUnavailable
from vision_tools.regions import Box, Picture, Region
from vision_tools.roles import Detection, NameQuery
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
        ("detector", "annotations", {}, "detector 'annotations' needs the settings annotations, images"),
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


def _blocks(language: str) -> list[str]:
    """The code blocks of docs/tools.md in one language."""
    text = (Path(__file__).parents[2] / "docs" / "tools.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def documented_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of the documentation, installed: its module and its metadata, as pip would lay them out."""
    (tmp_path / "my_tools.py").write_text(next(b for b in _blocks("python") if b.startswith("# my_tools.py")))
    points = tomllib.loads(_blocks("toml")[0])["project"]["entry-points"]
    metadata = tmp_path / "my_tools-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-tools\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "\n".join(f"{n} = {v}" for n, v in its.items()) for group, its in points.items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("documented_package")
def test_another_package_adds_a_tool_as_the_documentation_says() -> None:
    assert "red_pixels" in registry.available("detector")
    assert ("detector", "red_pixels", ("minimum",)) in list_tools()
    tool: Any = registry.create("detector", "red_pixels", {"minimum": 180})
    image = Image.new("RGB", (20, 10), "white")
    image.paste("red", (4, 2, 9, 7))
    region = Region(Picture("0", lambda: image), (0, 0, 20, 10))
    assert tool.detect([NameQuery(region, "ball")]) == [[Detection(Box(4, 2, 9, 7), "ball", 1.0)]]
    with pytest.raises(
        ToolUnavailable, match="detector 'red_pixels' has no setting 'size'; its settings are minimum"
    ):
        registry.create("detector", "red_pixels", {"size": 7})


def test_the_documentation_names_every_tool() -> None:
    text = (Path(__file__).parents[2] / "docs" / "tools.md").read_text()
    assert [name for _, name in registry.BUILT_IN if f"`{name}`" not in text] == []


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
