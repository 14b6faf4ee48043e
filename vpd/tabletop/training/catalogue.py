"""Every specialist, by the name under which it is trained, in the order of what the demo needs most."""

from collections.abc import Callable

from vpd.tabletop.training.coder import Coder
from vpd.tabletop.training.depth import DepthTraining
from vpd.tabletop.training.detector import DetectorTraining
from vpd.tabletop.training.scorer import Scorer
from vpd.tabletop.training.specialist import Specialist
from vpd.tabletop.training.vlm import VisionLanguageTraining

SPECIALISTS: dict[str, Callable[[], Specialist]] = {
    "coder": Coder,
    "detector": DetectorTraining,
    "scorer": Scorer,
    "depth": DepthTraining,
    "vqa": lambda: VisionLanguageTraining("answers", vision=(128, 3), text=(128, 3)),
    "vlm": lambda: VisionLanguageTraining("base"),
}
