"""Large images whose cue is tiny: zoom_sign, zoom_property."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.common import found_step, look_of, of_kind, solid_of, the, unique_kinds
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.signs import NEAR, closest, read, solve_near
from vpd.tabletop.questions.writer import VALUES, Writer

_SMALL = Kind(size="small")


def _landmarks(views: Views, rng: np.random.Generator) -> Iterator[Kind]:
    """Descriptions of what can be made out in the whole image."""
    for kind in unique_kinds(views[0], rng):
        seen = the(kind, views[0])
        if seen is not None and solid_of(seen).size != "small":
            yield kind


def clear(one: Seen, view: Annotation) -> bool:
    """Whether a crop around it, as programs make one, shows hardly anything else."""
    x1, y1, x2, y2 = one.box
    margin = max(8, (x2 - x1) / 4, (y2 - y1) / 4)
    left, top, right, bottom = x1 - margin, y1 - margin, x2 + margin, y2 + margin
    area = (right - left) * (bottom - top)
    for other in view.seen:
        ox1, oy1, ox2, oy2 = other.box
        shared = max(min(ox2, right) - max(ox1, left), 0) * max(min(oy2, bottom) - max(oy1, top), 0)
        if other is not one and shared > 0.1 * min(area, other.area):
            return False
    return True


def _zoom(patch: str, w: Writer) -> str:
    """A crop around a patch, a little wider than it."""
    name = w.pick("closer", "zoomed", "crop", "detail")
    if w.chance(0.5):
        w.line(f"margin = {patch}.{w.pick('height', 'width')} * {w.pick('0.1', '0.2', '0.25')}")
    else:
        w.line(f"margin = {w.pick('4', '5', '6', '8')}")
    w.line(f"{name} = {w.image}.crop(")
    w.line(f"int({patch}.left - margin), int({patch}.lower - margin),", 1)
    w.line(f"int({patch}.right + margin), int({patch}.upper + margin),", 1)
    w.line(")")
    return name


# zoom_sign -----------------------------------------------------------------------------------------------


def _propose_sign(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for kind in _landmarks(views, rng):
        yield Query("zoom_sign", "closest", (kind,))


def _solve_sign(query: Query, views: Views) -> Solution | None:
    view = views[0]
    anchor = the(query.kinds[0], view)
    sign = anchor and closest(list(view.signs), anchor, view)
    return solve_near(query, views) if sign and clear(sign, view) else None


def _program_sign(query: Query, w: Writer) -> str:
    anchor = w.the(query.kinds[0])
    w.line(f'signs = {w.image}.find("sign")')
    w.extreme("signs", f"distance({{p}}, {anchor})", True, "sign")
    w.comment("The sign is tiny: look closer.", 0.5)
    w.line(f"return {read(w, _zoom('sign', w) if w.chance(0.7) else 'sign')}")
    return w.program()


ZOOM_SIGN = Family(
    "zoom_sign", "wide", "open", {"closest": ()}, {"*": NEAR}, _propose_sign, _solve_sign, _program_sign
)


# zoom_property -------------------------------------------------------------------------------------------


def _propose_property(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    if views[0].signs:
        return
    for kind in _landmarks(views, rng):
        for attribute in ("color", "material", "shape"):
            yield Query("zoom_property", attribute, (_SMALL, kind), (attribute,))


def _solve_property(query: Query, views: Views) -> Solution | None:
    view = views[0]
    target, landmark = query.kinds
    anchor = the(landmark, view)
    if anchor is None or view.signs:
        return None
    small = [seen for seen in of_kind(target, view) if seen is not anchor]
    one = closest(small, anchor, view) if len(small) > 1 else None
    if one is None or not clear(one, view):
        return None
    steps = (
        found_step(landmark, [anchor]),
        Step(f"The small object closest to it is a {look_of(one)}.", (one.box,)),
    )
    return Solution(getattr(solid_of(one), query.variant), steps)


def _program_property(query: Query, w: Writer) -> str:
    target, landmark = query.kinds
    anchor = w.the(landmark)
    w.line(f'small_objects = {w.image}.find("{target.phrase}")')
    w.extreme("small_objects", f"distance({{p}}, {anchor})", True, "target")
    w.comment("It is tiny: look closer.", 0.5)
    w.property_of(_zoom("target", w) if w.chance(0.7) else "target", "object", query.variant)
    return w.program()


ZOOM_PROPERTY = Family(
    "zoom_property",
    "wide",
    "open",
    {attribute: VALUES[attribute] for attribute in ("color", "material", "shape")},
    {
        "*": Phrasings(
            (
                "What {w0} is the {a} closest to the {b}?",
                "What is the {w0} of the {a} closest to the {b}?",
                "Tell me the {w0} of the {a} that is closest to the {b}.",
                "Which {w0} does the {a} closest to the {b} have?",
            ),
            ("What is the {w0} of the {a} that is closest to the {b}?",),
            (
                "Look at the {a} closest to the {b}. What {w0} is it?",
                "Which is the {w0} of the {a} closest to the {b}?",
            ),
        )
    },
    _propose_property,
    _solve_property,
    _program_property,
)

FAMILIES = (ZOOM_SIGN, ZOOM_PROPERTY)
