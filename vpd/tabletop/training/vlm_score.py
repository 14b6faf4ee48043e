"""How many answers of a vision-language model are right, by skill, asked through the answerer's adapter."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PIL import Image

from vision_tools import registry
from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.roles import Answerer, AnswerQuery
from vpd.tabletop.training.lessons import INSTRUCTION, Lesson, right
from vpd.tabletop.training.vision_scores import region_of

_LONGEST = 400
"""Tokens of a caption, at most."""


def skill_scores(folder: Path, examples: Sequence[tuple[Image.Image, list[Lesson]]]) -> dict[str, float]:
    """Shares of right answers; `mean` is over the skills."""
    asked = [(region_of(image), lesson) for image, lessons in examples for lesson in lessons]
    hits: dict[str, list[bool]] = defaultdict(list)
    # Each with the tool's own settings: short answers carry its instruction, long ones none.
    for short in (True, False):
        some = [(r, lesson) for r, lesson in asked if lesson.question.endswith(INSTRUCTION) == short]
        settings = {
            "model": str(folder),
            "instruction": INSTRUCTION if short else "",
            "max_new_tokens": 16 if short else _LONGEST,
            "batch_size": 32,
        }
        answerer = cast("Answerer", registry.create("answerer", "transformers", settings))
        queries = [AnswerQuery(r, lesson.question.removesuffix(INSTRUCTION).strip()) for r, lesson in some]
        for (_, lesson), said in zip(some, _answers(answerer, queries), strict=True):
            hits[lesson.skill].append(right(lesson, said))
    shares = {skill: sum(its) / len(its) for skill, its in sorted(hits.items())}
    return {"mean": sum(shares.values()) / len(shares), **shares}


def _answers(answerer: Answerer, queries: Sequence[AnswerQuery]) -> list[str]:
    """Where a model has no answer, its answer is empty, and wrong."""
    try:
        return list(answerer.answer(queries)) if queries else []
    except ToolUnavailable:
        raise
    except ToolError:
        if len(queries) == 1:
            return [""]
    half = len(queries) // 2
    return _answers(answerer, queries[:half]) + _answers(answerer, queries[half:])
