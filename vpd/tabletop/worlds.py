"""The four kinds of scene, drawn at random: solids alone, with cards, seen from afar, and clips."""

import numpy as np

from vpd.tabletop.annotation import Annotation, annotate
from vpd.tabletop.clips import annotate_clip, arrange_clip
from vpd.tabletop.layout import Plan, arrange
from vpd.tabletop.plans import draw_plan
from vpd.tabletop.questions.family import World
from vpd.tabletop.splits import Split


def draw_views(world: World, split: Split, rng: np.random.Generator) -> tuple[Annotation, ...]:
    """A random scene of a world: one image, or the frames of a clip."""
    while (views := lay_out(world, draw_plan(world, split, rng), rng)) is None:
        pass
    return views


def lay_out(world: World, plan: Plan, rng: np.random.Generator) -> tuple[Annotation, ...] | None:
    """A scene of all that the plan names; None if there is no room, or something could not be seen well."""
    if world == "clip":
        frames = arrange_clip(plan, rng)
        return None if frames is None else annotate_clip(frames)
    scene = arrange(plan, rng)
    annotation = None if scene is None else annotate(scene)
    return None if annotation is None else (annotation,)
