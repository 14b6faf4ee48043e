"""Other scenes of which the same question can be asked: does a program answer it for the right reasons?"""

from dataclasses import replace

import numpy as np

from vpd.errors import UserError
from vpd.tabletop.annotation import Annotation
from vpd.tabletop.layout import Look, Plan
from vpd.tabletop.plans import draw_plan
from vpd.tabletop.questions.asking import solve
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.questions.family import Query
from vpd.tabletop.splits import Split
from vpd.tabletop.worlds import lay_out

_TRIES = 200
"""Scenes to look at for each that is wanted."""


def fresh_scenes(query: Query, split: Split, count: int, seed: int) -> list[tuple[Annotation, ...]]:
    """Scenes about which the query has one answer; `asking.solve` tells which. The same arguments, the same scenes.

    Raises:
        UserError: the query fits hardly any scene of the split.
    """
    rng = np.random.default_rng(seed)
    world = FAMILIES[query.family].world
    found: list[tuple[Annotation, ...]] = []
    for _ in range(_TRIES * count):
        plan = _with_named(query, draw_plan(world, split, rng), rng)
        views = lay_out(world, plan, rng)
        if views is not None and solve(query, views) is not None:
            found.append(views)
            if len(found) == count:
                return found
    raise UserError(
        f"only {len(found)} scenes of the {split} split fit {query.topic!r}; ask for fewer than {count}"
    )


def _with_named(query: Query, plan: Plan, rng: np.random.Generator) -> Plan:
    """Often, what the question names is there: one solid of each kind, a card with each word."""
    looks = list(plan.looks)
    for k, kind in zip(rng.permutation(len(looks)).tolist(), query.kinds, strict=False):
        if rng.random() < 0.7:
            given = {name: value for name, value in kind._asdict().items() if value is not None}
            looks[k] = Look(**(looks[k]._asdict() | given))
    texts = plan.texts
    printed = [word for word in query.words if word.isupper()]
    if printed and texts and rng.random() < 0.5:
        texts = (printed[0], *texts[1:])
    return replace(plan, looks=tuple(looks), texts=texts)
