"""`vpd doctor`."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import vpd
from vision_tools import registry
from vpd.commands.terminal import print_table
from vpd.execution.walls import walls
from vpd.reporting.summary import Table

_EXTRAS = {
    "torch": "models",
    "transformers": "models",
    "open_clip_torch": "models",
    "rapidocr": "models",
    "ultralytics": "detectors",
    "groundingdino-py": "detectors",
    "trl": "train",
    "peft": "train",
    "datasets": "train",
    "ray": "ray",
}


def run_doctor() -> None:
    print(f"vpd {vpd.__version__}, Python {platform.python_version()} on {platform.platform()}")
    found = walls()
    print_table(
        Table(
            title="The walls around untrusted programs",
            columns=("wall", "holds", "how it was tried"),
            rows=[(wall.name, "yes" if wall.holds else "NO", wall.detail) for wall in found],
        )
    )
    print_table(Table(title="Packages", columns=("package", "version"), rows=[_package(n) for n in _EXTRAS]))
    print_table(
        Table(
            title="Tools by role",
            columns=("role", "names for --tool ROLE=NAME"),
            rows=[(role, ", ".join(registry.available(role)) or "–") for role in registry.PROTOCOLS],
        )
    )
    if not all(wall.holds for wall in found):
        print(
            "Some walls do not hold here; docs/sandbox.md says what that leaves uncovered.", file=sys.stderr
        )


def _package(name: str) -> tuple[str, str]:
    try:
        return name, version(name)
    except PackageNotFoundError:
        return name, f"missing: pip install 'vpd[{_EXTRAS[name]}]'"
