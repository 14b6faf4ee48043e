"""Every specialist, by the name under which it is trained, in the order of what the demo needs most."""

from collections.abc import Callable
from pathlib import Path

from vpd.tabletop.training.coder import Coder
from vpd.tabletop.training.depth import DepthTraining
from vpd.tabletop.training.detector import DetectorTraining
from vpd.tabletop.training.eyes import Eyes
from vpd.tabletop.training.scorer import Scorer
from vpd.tabletop.training.specialist import Specialist
from vpd.tabletop.training.vlm import VisionLanguageTraining

SPECIALISTS: dict[str, Callable[[Path], Specialist]] = {
    "coder": lambda _: Coder(),
    "detector": lambda _: DetectorTraining(),
    "scorer": lambda _: Scorer(),
    "depth": lambda _: DepthTraining(),
    "eyes": lambda _: Eyes(),
    "vqa": lambda folder: VisionLanguageTraining("answers", text=(192, 3), eyes=folder / "eyes"),
    "vlm": lambda folder: VisionLanguageTraining("base", eyes=folder / "eyes"),
}
"""Given the folder in which all have theirs."""
