"""`vpd init`: a recipe to start from, printed."""

import json
import os
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from vpd.errors import UserError
from vpd.inputs.questions import QuestionFile
from vpd.records import Example
from vpd.resources import resource

_LOOKED_AT = 500
"""Questions whose images are opened; all of them are counted."""


class _Questions(NamedTuple):
    """What a questions file holds."""

    total: int
    counted: int
    """The first so many, which the other numbers are about."""
    labelled: int
    types: dict[str, int]
    videos: int
    unreadable: int
    size: tuple[int, int]
    """Of a typical image: the median width and height, in pixels."""

    @property
    def unlabelled(self) -> int:
        return self.counted - self.labelled

    @property
    def image_tokens(self) -> int:
        """Of a model of the Qwen3-VL family, which makes one of each 32 x 32 pixels."""
        return round(self.size[0] / 32) * round(self.size[1] / 32)


def run_init(
    questions: Path | None, images: Path | None, annotations: Path | None, preset: str | None
) -> None:
    """Print a recipe: one of those that travel with the package, or one fitted to a user's files."""
    if preset is not None:
        if questions or images or annotations:
            raise UserError("give --preset, or --questions and --images, not both")
        print(_preset(preset), end="")
        return
    if questions is None or images is None:
        raise UserError(
            f"give --questions FILE and --images FOLDER, or --preset with one of {', '.join(_presets())}"
        )
    print(_fitted(questions, images, annotations), end="")


def _presets() -> list[str]:
    return sorted(path.stem for path in resource("recipes").glob("*.yaml"))


def _preset(name: str) -> str:
    if name not in _presets():
        raise UserError(f"there is no preset {name!r}; there are {', '.join(_presets())}")
    return resource("recipes", f"{name}.yaml").read_text(encoding="utf-8")


def _fitted(questions: Path, images: Path, annotations: Path | None) -> str:
    found = _look(questions, images)
    gpu = _has_gpu()
    environment = Environment(
        loader=PackageLoader("vpd.commands"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML, in which values are quoted as JSON is
    )
    environment.filters["quoted"] = _quoted
    return environment.get_template("recipe.yaml.j2").render(
        questions=questions,
        images=images,
        annotations=annotations,
        found=found,
        gpu=gpu,
        installed={
            name: find_spec(name) is not None for name in ("torch", "transformers", "rapidocr", "trl")
        },
        # Half of all yes and no are right by luck; so is what nobody labelled.
        by_evidence=found.unlabelled > 0 or found.types.get("yes_no", 0) > found.counted / 2,
        batch=32 if found.total < 5000 else 128,
        epochs=5 if found.total < 2000 else 3,
    )


def _look(questions: Path, images: Path) -> _Questions:
    slices = list(QuestionFile(questions, images, shard_size=_LOOKED_AT).slices())
    examples = QuestionFile(questions, images, shard_size=_LOOKED_AT).examples(slices[0])
    readable = [example for example in examples if example.problem is None]
    if not readable:
        raise UserError(
            f"none of the first {len(examples)} questions of {questions} has an image that can be read in {images}: "
            f"{examples[0].problem}"
        )
    return _Questions(
        total=sum(each.size for each in slices),
        counted=len(examples),
        labelled=sum(bool(example.answers) for example in examples),
        types=dict(Counter(example.answer_type for example in examples if example.answers).most_common()),
        videos=sum(example.video for example in examples),
        unreadable=len(examples) - len(readable),
        size=(_median(readable, "width"), _median(readable, "height")),
    )


def _median(examples: list[Example], side: str) -> int:
    sides = sorted(getattr(image, side) for example in examples for image in example.images)
    return sides[len(sides) // 2]


def _has_gpu() -> bool:
    if find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()


def _quoted(value: Any) -> str:
    """A value in YAML; a path relative to the folder in which the recipe will lie, if it is under it."""
    if isinstance(value, Path):
        value = os.path.relpath(value) if value.resolve().is_relative_to(Path.cwd()) else str(value.resolve())
    return json.dumps(value, ensure_ascii=False)
