"""Facts from a trace alone, where the program cannot be replayed along it: what each tool said."""

from collections.abc import Iterator, Sequence
from typing import Any

from vpd.distillation.facts.models import (
    Asked,
    Concluded,
    Detected,
    Fact,
    HasDepth,
    HasProperty,
    HasText,
    Matched,
    Thing,
)
from vpd.distillation.facts.words import singular
from vpd.distillation.replay.geometry import Size
from vpd.distillation.replay.values import Patch, from_json
from vpd.records import Box, Execution, Step


def tool_facts(execution: Execution, sizes: Sequence[Size], kept: frozenset[int] | None) -> tuple[Fact, ...]:
    """What the tools said, in order, and the answer.

    Args:
        execution: what happened.
        sizes: widths and heights of the images.
        kept: indices of the calls to tell of; None for all.
    """
    facts = [
        fact.model_copy(update={"steps": (index,)})
        for index, step in enumerate(execution.steps)
        if step.kind == "call" and (kept is None or index in kept)
        for fact in _said(step, sizes)
    ]
    return (*facts, Concluded(answer=execution.answer or ""))


def _said(step: Step, sizes: Sequence[Size]) -> Iterator[Fact]:
    arguments: dict[str, Any] = step.arguments if isinstance(step.arguments, dict) else {}
    where = _region(step.image, step.region, sizes)
    part = where if where is not None and where.box is not None else None
    match step.tool, step.result:
        case "find", list(found):
            noun = singular(str(arguments.get("object_name")))
            patches = [patch for each in found if isinstance(patch := from_json(each).data, Patch)]
            things = tuple(Thing(noun=noun, image=patch.image, box=patch.box) for patch in patches)
            yield Detected(noun=noun, count=len(found), present=bool(found), things=things, within=part)
        case "exists", bool(present):
            yield Detected(noun=singular(str(arguments.get("object_name"))), present=present, within=part)
        case "verify_property", bool(holds) if where is not None:
            thing = where.model_copy(update={"noun": singular(str(arguments.get("object_name")))})
            yield HasProperty(thing=thing, property=str(arguments.get("visual_property")), holds=holds)
        case "best_text_match", str(value) if where is not None:
            yield Matched(thing=where, value=value)
        case "simple_query", str(answer) if where is not None:
            yield Asked(
                thing=where, question=str(arguments.get("question") or "What is this?"), answer=answer
            )
        case "llm_query", str(answer):
            yield Asked(thing=None, question=str(arguments.get("query")), answer=answer)
        case "read_text", str(text) if where is not None:
            yield HasText(thing=where, lines=tuple(text.splitlines()))
        case "compute_depth", (int() | float()) as depth if where is not None:
            yield HasDepth(thing=where, depth=depth)
        case _:
            pass


def _region(image: int | None, box: Box | None, sizes: Sequence[Size]) -> Thing | None:
    if image is None or box is None:
        return None
    if box == (0, 0, *sizes[image]):
        return Thing(noun="image", image=image)
    return Thing(noun="region", image=image, box=box)
