"""Where solids stand from left to right: relation, arrangement, between."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.common import (
    YES_NO,
    first,
    found_step,
    named_choices,
    of_kind,
    side_order,
    solid_of,
    the,
    unique_kinds,
    unique_pairs,
    yes_no,
)
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.writer import Writer
from vpd.tabletop.vocabulary import COLORS, MATERIALS

# relation ------------------------------------------------------------------------------------------------


def _propose_relation(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for a, b in unique_pairs(views[0], rng):
        side = ("left", "right")[rng.integers(2)]
        yield Query("relation", side, (a, b), (side,))


def _solve_relation(query: Query, views: Views) -> Solution | None:
    a, b = (the(kind, views[0]) for kind in query.kinds)
    if a is None or b is None or (order := side_order(a, b, views[0])) is None:
        return None
    actual = "left" if order == -1 else "right"
    told = Step(
        f"The {query.kinds[0].phrase} is to the {actual} of the {query.kinds[1].phrase}.", (a.box, b.box)
    )
    return Solution(yes_no(actual == query.variant), (told,))


def _program_relation(query: Query, w: Writer) -> str:
    a, b = (w.the(kind) for kind in query.kinds)
    sign = "<" if query.variant == "left" else ">"
    w.comment("Compare their horizontal positions.")
    w.yes_no(f"{a}.horizontal_center {sign} {b}.horizontal_center")
    return w.program()


RELATION = Family(
    "relation",
    "solids",
    "yes_no",
    {"left": YES_NO, "right": YES_NO},
    {
        "*": Phrasings(
            (
                "Is the {a} to the {w0} of the {b}?",
                "Is the {a} {w0} of the {b}?",
                "Does the {a} stand to the {w0} of the {b}?",
                "Is it true that the {a} is on the {w0} of the {b}?",
            ),
            ("Can you see the {a} to the {w0} of the {b}?",),
            ("Is the {a} on the {w0} of the {b}?", "Would you say that the {a} is to the {w0} of the {b}?"),
        )
    },
    _propose_relation,
    _solve_relation,
    _program_relation,
)


# arrangement ---------------------------------------------------------------------------------------------


def _propose_arrangement(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    kinds = list(unique_kinds(views[0], rng))
    if len(kinds) >= 3:
        side = ("left", "right")[rng.integers(2)]
        yield Query("arrangement", side, tuple(kinds[:3]), (side,))


def _solve_arrangement(query: Query, views: Views) -> Solution | None:
    view = views[0]
    found = [seen for kind in query.kinds if (seen := the(kind, view))]
    if len(found) < 3:
        return None
    one = first(found, view, side_order, -1 if query.variant == "left" else 1)
    if one is None:
        return None
    position = found.index(one)
    told = Step(
        f"Of the three, the {query.kinds[position].phrase} is farthest to the {query.variant}.",
        tuple(seen.box for seen in found),
    )
    return Solution(query.kinds[position].phrase, (told,), ("first", "second", "third")[position])


def _program_arrangement(query: Query, w: Writer) -> str:
    phrases = named_choices(query)
    lowest = query.variant == "left"
    if w.chance(0.5):
        listed = ", ".join(f'"{phrase}"' for phrase in phrases)
        w.line(f"names = [{listed}]")
        w.line(f"positions = [{w.image}.find(name)[0].horizontal_center for name in names]")
        w.line(f"return names[positions.index({'min' if lowest else 'max'}(positions))]")
    else:
        w.line("positions = {}")
        for kind in query.kinds:
            patch = w.the(kind)
            w.line(f'positions["{kind.phrase}"] = {patch}.horizontal_center')
        w.line(f"return {'min' if lowest else 'max'}(positions, key=lambda name: positions[name])")
    return w.program()


ARRANGEMENT = Family(
    "arrangement",
    "solids",
    "choice",
    {"left": ("first", "second", "third"), "right": ("first", "second", "third")},
    {
        "*": Phrasings(
            (
                "Which is farthest to the {w0}: the {a}, the {b} or the {c}?",
                "Of the {a}, the {b} and the {c}, which is farthest to the {w0}?",
                "What stands farthest to the {w0}: the {a}, the {b} or the {c}?",
            ),
            ("Which one stands farthest to the {w0}: the {a}, the {b} or the {c}?",),
            (
                "Of the {a}, the {b} and the {c}, which one stands farthest to the {w0}?",
                "Tell me which is farthest to the {w0}: the {a}, the {b} or the {c}.",
            ),
        )
    },
    _propose_arrangement,
    _solve_arrangement,
    _program_arrangement,
    named_choices,
)


# between -------------------------------------------------------------------------------------------------


def _propose_between(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    solids = views[0].solids
    for a, b in unique_pairs(views[0], rng):
        solid = solid_of(solids[rng.integers(len(solids))])
        target = (Kind(), Kind(color=solid.color), Kind(material=solid.material))[rng.integers(3)]
        if rng.random() < 0.3:
            target = (Kind(color=COLORS[rng.integers(8)]), Kind(material=MATERIALS[rng.integers(2)]))[
                rng.integers(2)
            ]
        yield Query("between", "count", (target, a, b))


def _solve_between(query: Query, views: Views) -> Solution | None:
    view = views[0]
    target, *ends = query.kinds
    a, b = (the(kind, view) for kind in ends)
    if a is None or b is None or a is b or (order := side_order(a, b, view)) is None:
        return None
    left, right = (a, b) if order == -1 else (b, a)
    inner = []
    for seen in of_kind(target, view):
        if seen is a or seen is b:
            continue
        after, before = side_order(seen, left, view), side_order(seen, right, view)
        if after is None or before is None:
            return None
        if after == 1 and before == -1:
            inner.append(seen)
    steps = (
        found_step(ends[0], [a]),
        found_step(ends[1], [b]),
        Step(
            f"From left to right, {len(inner)} of the {target.plural} stand between them.",
            tuple(seen.box for seen in inner),
        ),
    )
    return Solution(str(len(inner)), steps)


def _program_between(query: Query, w: Writer) -> str:
    target, *ends = query.kinds
    a, b = (w.the(kind) for kind in ends)
    others = w.all_of(target, name=w.pick("others", "candidates", "objects"))
    if w.chance(0.6):
        w.line(f"left = min({a}.horizontal_center, {b}.horizontal_center)")
        w.line(f"right = max({a}.horizontal_center, {b}.horizontal_center)")
    else:
        w.line(f"left, right = sorted([{a}.horizontal_center, {b}.horizontal_center])")
    test = "left < p.horizontal_center < right"
    if w.chance(0.5):
        w.line(f"between = [p for p in {others} if {test}]")
        w.number("len(between)")
    else:
        w.line("count = 0")
        w.line(f"for p in {others}:")
        w.line(w.pick(f"if {test}:", "if p.horizontal_center > left and p.horizontal_center < right:"), 1)
        w.line("count += 1", 2)
        w.number("count")
    return w.program()


BETWEEN = Family(
    "between",
    "solids",
    "number",
    {"count": ("0", "1", "2", "3")},
    {
        "*": Phrasings(
            (
                "From left to right, how many {a_s} are between the {b} and the {c}?",
                "Going from left to right, how many {a_s} stand between the {b} and the {c}?",
                "How many {a_s} are there between the {b} and the {c}, from left to right?",
                "Count the {a_s} that are between the {b} and the {c} from left to right.",
            ),
            ("Going from left to right, how many {a_s} are there between the {b} and the {c}?",),
            (
                "From left to right, how many {a_s} can you see between the {b} and the {c}?",
                "Count the {a_s} that stand between the {b} and the {c}, going from left to right.",
            ),
        )
    },
    _propose_between,
    _solve_between,
    _program_between,
)

FAMILIES = (RELATION, ARRANGEMENT, BETWEEN)
