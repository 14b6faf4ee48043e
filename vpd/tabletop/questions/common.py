"""What the families share: naming solids without ambiguity, and comparing them with a margin."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np

from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.kinds import Kind, kind_of, with_article
from vpd.tabletop.questions.family import Query, Step
from vpd.tabletop.scene import Solid

YES_NO = ("yes", "no")
ATTRIBUTES = ("color", "material", "shape", "size")

SIDE_MARGIN = 0.04
"""Of the image's width: middles closer than this are neither left nor right of one another."""

DEPTH_MARGIN = 0.8
"""In world units: middles closer in depth than this are neither nearer nor farther."""

_FORMS = (
    ("shape",),
    ("color", "shape"),
    ("color", "shape"),
    ("color", "shape"),
    ("material", "shape"),
    ("size", "shape"),
    ("color", "material", "shape"),
    ("size", "color", "shape"),
)


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


def named_choices(query: Query) -> tuple[str, ...]:
    """The kinds that a question lets one choose between."""
    return tuple(kind.phrase for kind in query.kinds)


def solid_of(seen: Seen) -> Solid:
    assert isinstance(seen.thing, Solid)
    return seen.thing


def of_kind(kind: Kind, view: Annotation) -> list[Seen]:
    """From left to right."""
    return [seen for seen in view.solids if kind.holds(solid_of(seen))]


def the(kind: Kind, view: Annotation) -> Seen | None:
    """The only solid of a kind; None if there is none, or another."""
    found = of_kind(kind, view)
    return found[0] if len(found) == 1 else None


def unique_kind(
    seen: Seen, view: Annotation, rng: np.random.Generator, without: str | None = None
) -> Kind | None:
    """A description that fits this solid alone, and does not give one attribute away."""
    forms = [form for form in _FORMS if without not in form]
    if without == "shape":
        forms = [("color",), ("color",), ("material", "color"), ("size", "color")]
    for k in rng.permutation(len(forms)):
        kind = kind_of(solid_of(seen), *forms[k])
        if the(kind, view) is seen:
            return kind
    return None


def unique_kinds(view: Annotation, rng: np.random.Generator, without: str | None = None) -> Iterator[Kind]:
    """A description of every solid that has one, in random order."""
    for k in rng.permutation(len(view.solids)):
        kind = unique_kind(view.solids[k], view, rng, without)
        if kind is not None:
            yield kind


def unique_pairs(view: Annotation, rng: np.random.Generator) -> Iterator[tuple[Kind, Kind]]:
    """Two such descriptions, each two solids once, in random order."""
    for a, b in combinations(unique_kinds(view, rng), 2):
        yield (a, b) if rng.random() < 0.5 else (b, a)


def look_of(seen: Seen) -> str:
    """All that a solid is: `large red metal cube`."""
    return kind_of(solid_of(seen), *ATTRIBUTES).phrase


def listed(found: Sequence[Seen]) -> str:
    """`a small red metal cube and a large blue rubber sphere`."""
    phrases = [with_article(look_of(seen)) for seen in found]
    return phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + " and " + phrases[-1]


def found_step(kind: Kind, found: Sequence[Seen], frame: int | None = None) -> Step:
    """What there is of a kind."""
    boxes = tuple(seen.box for seen in found)
    if not found:
        return Step(f"There are no {kind.plural}.", (), frame)
    if len(found) == 1:
        return Step(f"There is one {kind.phrase}: {listed(found)}.", boxes, frame)
    return Step(f"There are {len(found)} {kind.plural}: {listed(found)}.", boxes, frame)


def side_order(a: Seen, b: Seen, view: Annotation) -> int | None:
    """-1 if `a` is to the left of `b`, 1 if to the right, None if too close to tell."""
    gap = a.center - b.center
    if abs(gap) < SIDE_MARGIN * view.width:
        return None
    return -1 if gap < 0 else 1


def depth_order(a: Seen, b: Seen, view: Annotation) -> int | None:
    """-1 if `a` is nearer than `b`, 1 if farther, None if too close to tell.

    The true depths must differ, and what a depth map shows in the boxes must agree with them.
    """
    gap, shown = a.depth - b.depth, view.median_depth(a.box) - view.median_depth(b.box)
    if abs(gap) < DEPTH_MARGIN or abs(shown) < DEPTH_MARGIN / 2 or gap * shown < 0:
        return None
    return -1 if gap < 0 else 1


def size_order(a: Seen, b: Seen, view: Annotation) -> int | None:
    """-1 if `a` is smaller than `b`, 1 if larger; None unless the sizes differ and so, clearly, do the boxes."""
    del view
    gap = solid_of(a).scale - solid_of(b).scale
    if gap == 0 or max(a.area, b.area) < 1.3 * min(a.area, b.area) or gap * (a.area - b.area) < 0:
        return None
    return -1 if gap < 0 else 1


Order = Callable[[Seen, Seen, Annotation], int | None]


def first(found: Sequence[Seen], view: Annotation, order: Order, sign: int) -> Seen | None:
    """The one that comes before all others by `order` (`sign` -1) or after them (1); None if that is unclear."""
    for one in found:
        if all(other is one or order(one, other, view) == sign for other in found):
            return one
    return None
