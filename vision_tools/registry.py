"""From the names in a recipe to tools: the built-in ones, and those of other packages (`vpd.tools`)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from inspect import Parameter, signature
from typing import Any, Literal

from vision_tools.errors import ToolUnavailable
from vision_tools.roles import (
    Answerer,
    AttributeVerifier,
    DepthEstimator,
    Detector,
    ImageTextScorer,
    Knowledge,
    Segmenter,
    TextReader,
    Tool,
)

Role = Literal["detector", "attributes", "scorer", "depth", "reader", "answerer", "knowledge", "segmenter"]

PROTOCOLS: dict[str, type] = {
    "detector": Detector,
    "attributes": AttributeVerifier,
    "scorer": ImageTextScorer,
    "depth": DepthEstimator,
    "reader": TextReader,
    "answerer": Answerer,
    "knowledge": Knowledge,
    "segmenter": Segmenter,
}

# role, name -> "module:class", imported only when it is used.
BUILT_IN: dict[tuple[str, str], str] = {
    ("detector", "annotations"): "vision_tools.annotations:Annotations",
    ("detector", "grounding_dino"): "vision_tools.grounding_dino:GroundingDino",
    ("detector", "groundingdino_py"): "vision_tools.groundingdino_py:GroundingDinoPy",
    ("detector", "owl"): "vision_tools.owl:Owl",
    ("detector", "refined"): "vision_tools.refined:Refined",
    ("detector", "torchvision"): "vision_tools.torchvision_detector:Torchvision",
    ("detector", "ultralytics"): "vision_tools.ultralytics:Ultralytics",
    ("detector", "yolo_open"): "vision_tools.yolo_open:YoloOpen",
    ("attributes", "annotations"): "vision_tools.annotations:Annotations",
    ("attributes", "answerer"): "vision_tools.attributes:AnsweredAttributes",
    ("attributes", "scorer"): "vision_tools.attributes:ScoredAttributes",
    ("scorer", "answerer"): "vision_tools.answered_scores:AnsweredScores",
    ("scorer", "open_clip"): "vision_tools.open_clip_scorer:OpenClip",
    ("scorer", "transformers"): "vision_tools.transformers_scorer:TransformersScorer",
    ("depth", "transformers"): "vision_tools.depth:Depth",
    ("reader", "florence2"): "vision_tools.florence2:Florence2",
    ("reader", "rapidocr"): "vision_tools.rapidocr:RapidOcr",
    ("reader", "tesseract"): "vision_tools.tesseract:Tesseract",
    ("answerer", "endpoint"): "vision_tools.endpoint:Endpoint",
    ("answerer", "transformers"): "vision_tools.vision_language:VisionLanguage",
    ("segmenter", "sam"): "vision_tools.sam:Sam",
}

ENTRY_POINT_GROUP = "vpd.tools"


def available(role: str) -> list[str]:
    """The names that can be given for a role. An entry point is named `role.name`."""
    found = [name for r, name in BUILT_IN if r == role]
    for point in entry_points(group=ENTRY_POINT_GROUP):
        its_role, _, name = point.name.partition(".")
        if its_role == role:
            found.append(name)
    return sorted(found)


def create(role: str, name: str, settings: Mapping[str, Any]) -> Tool:
    """Make the tool called `name` for `role`.

    Raises:
        ToolUnavailable: the role, the name or a setting is unknown, or the tool cannot be made here.
    """
    make = factory(role, name)
    known = signature(make).parameters
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise ToolUnavailable(
            f"{role} {name!r} has no setting {unknown[0]!r}; its settings are {', '.join(known) or 'none'}"
        )
    needed = [
        name for name, each in known.items() if each.default is Parameter.empty and name not in settings
    ]
    if needed:
        raise ToolUnavailable(f"{role} {name!r} needs the settings {', '.join(needed)}")
    try:
        tool = make(**settings)
    except TypeError as error:
        raise ToolUnavailable(f"{role} {name!r} cannot be made: {error}") from error
    if not isinstance(tool, PROTOCOLS[role]):
        raise ToolUnavailable(f"{name!r} does not play the role {role!r}: it lacks that role's method")
    return tool


def factory(role: str, name: str) -> Callable[..., Tool]:
    """What makes the tool called `name` for `role`; its parameters are the tool's settings.

    Raises:
        ToolUnavailable: the role or the name is unknown.
    """
    if role not in PROTOCOLS:
        raise ToolUnavailable(f"there is no role {role!r}; the roles are {', '.join(PROTOCOLS)}")
    if target := BUILT_IN.get((role, name)):
        module, _, attribute = target.partition(":")
        return getattr(import_module(module), attribute)
    for point in entry_points(group=ENTRY_POINT_GROUP, name=f"{role}.{name}"):
        return point.load()
    raise ToolUnavailable(f"no {role} is called {name!r}; there are {', '.join(available(role)) or 'none'}")
