"""Short clips: 16 frames of one table, on which something happens in a few of them."""

from dataclasses import replace
from math import hypot

import numpy as np

from vpd.tabletop.annotation import Annotation, annotate
from vpd.tabletop.layout import Plan, arrange
from vpd.tabletop.rendering.forms import form_of
from vpd.tabletop.rendering.geometry import frame_of
from vpd.tabletop.scene import Scene

FRAMES = 16


def arrange_clip(plan: Plan, rng: np.random.Generator) -> tuple[Scene, ...] | None:
    """A clip of all that the plan names, in time order; None if there is no room.

    The card is shown for some frames, if at all; the first solid may come and go; the second may move from one
    side towards the other. At least one of these happens.
    """
    scene = arrange(plan, rng)
    if scene is None or len(scene.solids) < 3:
        return None
    path = _path(scene, rng) if rng.random() < 0.6 else None
    comes, with_card = rng.random() < 0.7, rng.random() < 0.6
    if not (with_card or comes or path):
        return None
    shown = _interval(rng) if with_card else range(0)
    present = _interval(rng) if comes else range(FRAMES)
    start = int(rng.integers(2, 8))
    length = int(rng.integers(4, 7))
    frames: list[Scene] = []
    for frame in range(FRAMES):
        solids = list(scene.solids)
        if path is not None:
            t = min(max((frame - start) / length, 0), 1)
            x1, x2 = path
            solids[1] = replace(solids[1], x=x1 + (x2 - x1) * t * t * (3 - 2 * t))
        if frame not in present:
            del solids[0]
        cards = scene.cards if frame in shown else ()
        frames.append(replace(scene, solids=tuple(solids), cards=cards, seed=scene.seed + frame))
    return tuple(frames)


def annotate_clip(frames: tuple[Scene, ...]) -> tuple[Annotation, ...] | None:
    """None if in some frame some thing is too small or too hidden."""
    found: list[Annotation] = []
    for k, frame in enumerate(frames):
        same = k > 0 and frame.things == frames[k - 1].things
        annotation = replace(found[-1], scene=frame) if same else annotate(frame)
        if annotation is None:
            return None
        found.append(annotation)
    return tuple(found)


def _interval(rng: np.random.Generator) -> range:
    """A few frames, neither the first nor the last."""
    length = int(rng.integers(3, 6))
    start = int(rng.integers(1, FRAMES - length))
    return range(start, start + length)


def _path(scene: Scene, rng: np.random.Generator) -> tuple[float, float] | None:
    """From where to where the second solid can move along x without touching anything."""
    mover = scene.solids[1]
    radius = form_of(mover).radius * frame_of(mover).scale
    reach = float(rng.uniform(2.2, 4.0)) * (1 if mover.x < 0 else -1)
    end = mover.x + reach
    if abs(end) > 2.6:
        return None
    others = [t for t in scene.things if t is not mover]
    for x in np.linspace(mover.x, end, 12):
        for other in others:
            room = radius + form_of(other).radius * frame_of(other).scale
            if hypot(float(x) - other.x, mover.y - other.y) < room + 0.1:
                return None
    return mover.x, end
