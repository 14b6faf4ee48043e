"""One thing found through another: next_to, two_hops, alike."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.questions.common import (
    depth_order,
    first,
    found_step,
    look_of,
    side_order,
    solid_of,
    the,
    unique_kinds,
)
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.writer import VALUES, Writer

_ASKED = ("color", "material", "shape")
_SIGN = {"left": "<", "right": ">"}


def _beside(anchor: Seen, side: str, view: Annotation) -> list[Seen] | None:
    """The solids to one side of the anchor; None if one is too close to tell."""
    found: list[Seen] = []
    for seen in view.solids:
        if seen is anchor:
            continue
        order = side_order(seen, anchor, view)
        if order is None:
            return None
        if (order == -1) == (side == "left"):
            found.append(seen)
    return found


def _write_beside(query: Query, w: Writer) -> str:
    """Lines that collect what is to one side of the anchor."""
    anchor = w.the(query.kinds[0])
    side = query.words[0]
    test = f"p.horizontal_center {_SIGN[side]} {anchor}.horizontal_center"
    name = w.pick(f"on_the_{side}", f"{side}_objects", "others")
    if w.chance(0.5):
        w.line(f'{name} = [p for p in {w.image}.find("object") if {test}]')
    else:
        w.line(f"{name} = []")
        w.line(f'for p in {w.image}.find("object"):')
        w.line(f"if {test}:", 1)
        w.line(f"{name}.append(p)", 2)
    return name


def _propose_beside(family: str, views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for anchor in unique_kinds(views[0], rng):
        side, attribute = ("left", "right")[rng.integers(2)], _ASKED[rng.integers(3)]
        yield Query(family, f"{side} {attribute}", (anchor,), (side, attribute))


_SIDES_AND_ATTRIBUTES = {f"{side} {a}": VALUES[a] for side in ("left", "right") for a in _ASKED}


# next_to -------------------------------------------------------------------------------------------------


def _propose_next(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    return _propose_beside("next_to", views, rng)


def _solve_next(query: Query, views: Views) -> Solution | None:
    view, (side, attribute) = views[0], query.words
    anchor = the(query.kinds[0], view)
    if anchor is None or not (beside := _beside(anchor, side, view)):
        return None
    one = first(beside, view, side_order, 1 if side == "left" else -1)
    if one is None:
        return None
    steps = (
        found_step(query.kinds[0], [anchor]),
        Step(f"The first object to the {side} of it is a {look_of(one)}.", (one.box,)),
    )
    return Solution(getattr(solid_of(one), attribute), steps)


def _program_next(query: Query, w: Writer) -> str:
    side, attribute = query.words
    beside = _write_beside(query, w)
    w.comment("The closest of them.")
    w.extreme(beside, "{p}.horizontal_center", side == "right", "neighbor")
    w.property_of("neighbor", "object", attribute)
    return w.program()


NEXT_TO = Family(
    "next_to",
    "solids",
    "open",
    _SIDES_AND_ATTRIBUTES,
    {
        "*": Phrasings(
            (
                "What {w1} is the first object to the {w0} of the {a}?",
                "Going {w0} from the {a}, what is the {w1} of the first object?",
                "Look at the first object {w0} of the {a}. What {w1} is it?",
                "Tell me the {w1} of the first object to the {w0} of the {a}.",
            ),
            ("Going to the {w0} from the {a}, what {w1} is the first object?",),
            (
                "Look at the first object to the {w0} of the {a}. What is its {w1}?",
                "What is the {w1} of the first object {w0} of the {a}?",
            ),
        )
    },
    _propose_next,
    _solve_next,
    _program_next,
)


# two_hops ------------------------------------------------------------------------------------------------


def _propose_two(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    return _propose_beside("two_hops", views, rng)


def _solve_two(query: Query, views: Views) -> Solution | None:
    view, (side, attribute) = views[0], query.words
    anchor = the(query.kinds[0], view)
    if anchor is None or len(beside := _beside(anchor, side, view) or ()) < 2:
        return None
    one = first(beside, view, depth_order, -1)
    if one is None:
        return None
    steps = (
        found_step(query.kinds[0], [anchor]),
        Step(f"To the {side} of it there are {len(beside)} objects.", tuple(seen.box for seen in beside)),
        Step(f"Of these, the {look_of(one)} is closest to the camera.", (one.box,)),
    )
    return Solution(getattr(solid_of(one), attribute), steps)


def _program_two(query: Query, w: Writer) -> str:
    beside = _write_beside(query, w)
    w.comment("The one closest to the camera.")
    w.extreme(beside, "{p}.compute_depth()", True, "nearest")
    w.property_of("nearest", "object", query.words[1])
    return w.program()


TWO_HOPS = Family(
    "two_hops",
    "solids",
    "open",
    _SIDES_AND_ATTRIBUTES,
    {
        "*": Phrasings(
            (
                "Of the objects to the {w0} of the {a}, what {w1} is the one closest to the camera?",
                "Look at the objects {w0} of the {a}. What is the {w1} of the nearest one?",
                "What is the {w1} of the nearest object to the {w0} of the {a}?",
            ),
            ("Of the objects {w0} of the {a}, what is the {w1} of the one closest to the camera?",),
            (
                "Look at the objects to the {w0} of the {a}. What {w1} is the one closest to the camera?",
                "Of the objects on the {w0} of the {a}, which {w1} is the nearest one?",
            ),
        )
    },
    _propose_two,
    _solve_two,
    _program_two,
)


# alike ---------------------------------------------------------------------------------------------------


def _propose_alike(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for attribute in ("color", "material", "shape"):
        for kind in unique_kinds(views[0], rng, attribute):
            yield Query("alike", attribute, (kind,), (attribute,))


def _solve_alike(query: Query, views: Views) -> Solution | None:
    view, attribute = views[0], query.variant
    anchor = the(query.kinds[0], view)
    if anchor is None:
        return None
    value = getattr(solid_of(anchor), attribute)
    others = [s for s in view.solids if s is not anchor and getattr(solid_of(s), attribute) == value]
    told = value + "s" if attribute == "shape" else f"{value} objects"
    steps = (
        Step(f"The {query.kinds[0].phrase} is a {look_of(anchor)}.", (anchor.box,)),
        Step(f"Besides it there are {len(others)} {told}.", tuple(seen.box for seen in others)),
    )
    return Solution(str(len(others)), steps)


def _program_alike(query: Query, w: Writer) -> str:
    [kind], attribute = query.kinds, query.variant
    anchor = w.the(kind)
    value = w.property_into(anchor, kind.noun, attribute, attribute)
    if attribute == "shape":
        w.number(f"len({w.image}.find({value})) - 1")
    elif w.chance(0.6):
        named = w.pick(f'f"{{{value}}} object"', f'{value} + " object"')
        w.line(f"alike = {w.image}.find({named})")
        w.comment(f"The {kind.phrase} itself does not count.")
        w.number("len(alike) - 1")
    else:
        w.line("count = 0")
        w.line(f'for p in {w.image}.find("object"):')
        w.line(f'if p.verify_property("object", {value}):', 1)
        w.line("count += 1", 2)
        w.number("count - 1")
    return w.program()


ALIKE = Family(
    "alike",
    "solids",
    "number",
    {"color": ("0", "1", "2", "3"), "material": ("0", "1", "2", "3", "4"), "shape": ("0", "1", "2", "3")},
    {
        "*": Phrasings(
            (
                "How many other objects have the same {w0} as the {a}?",
                "How many objects are the same {w0} as the {a}, not counting it?",
                "Not counting the {a}, how many objects have its {w0}?",
                "Count the other objects that have the same {w0} as the {a}.",
            ),
            ("How many other objects are the same {w0} as the {a}?",),
            (
                "Not counting it, how many objects have the same {w0} as the {a}?",
                "What is the number of other objects that have the same {w0} as the {a}?",
            ),
        )
    },
    _propose_alike,
    _solve_alike,
    _program_alike,
)

FAMILIES = (NEXT_TO, TWO_HOPS, ALIKE)
