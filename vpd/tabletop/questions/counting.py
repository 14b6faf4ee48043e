"""Existence and number: exists, count, count_filtered, compare_counts."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.kinds import Kind, kind_of
from vpd.tabletop.questions.common import (
    YES_NO,
    found_step,
    of_kind,
    side_order,
    solid_of,
    the,
    unique_kinds,
    yes_no,
)
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.writer import Writer
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

# exists --------------------------------------------------------------------------------------------------


def _propose_exists(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    """Half of a false kind is there: its shape or its other attribute."""
    for seen in views[0].solids:
        solid = solid_of(seen)
        for attribute, values in (("color", COLORS), ("material", MATERIALS), ("size", SIZES)):
            kind = kind_of(solid, attribute, "shape")
            yield Query("exists", attribute, (kind,))
            other = kind._replace(**{attribute: values[rng.integers(len(values))]})
            yield Query("exists", attribute, (other,))
            yield Query("exists", attribute, (kind._replace(shape=SHAPES[rng.integers(8)]),))


def _solve_exists(query: Query, views: Views) -> Solution:
    [kind] = query.kinds
    found = of_kind(kind, views[0])
    if found:
        return Solution("yes", (found_step(kind, found),))
    shapes = Kind(shape=kind.shape)
    alike = of_kind(shapes, views[0])
    steps = (found_step(shapes, alike),)
    if alike:
        steps += (Step(f"None of the {shapes.plural} is {kind.adjectives[0]}."),)
    return Solution("no", steps)


def _program_exists(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    if w.chance(0.35):
        w.yes_no(f'{w.image}.exists("{kind.phrase}")')
    else:
        found = w.all_of(kind)
        w.yes_no(w.pick(f"len({found}) > 0", f"len({found}) >= 1", f"len({found}) != 0"))
    return w.program()


EXISTS = Family(
    "exists",
    "solids",
    "yes_no",
    dict.fromkeys(("color", "material", "size"), YES_NO),
    {
        "*": Phrasings(
            (
                "Is there {one_a} on the table?",
                "Is there {one_a}?",
                "Are there any {a_s} here?",
                "Can you see {one_a}?",
                "Does the picture show {one_a}?",
            ),
            ("Are there any {a_s} on the table?",),
            ("Can you see {one_a} in the picture?", "Does the table have {one_a} on it?"),
        )
    },
    _propose_exists,
    _solve_exists,
    _program_exists,
)


# count ---------------------------------------------------------------------------------------------------


def _propose_count(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    del views
    yield Query("count", "all", (Kind(),))
    for k in rng.permutation(len(SHAPES)):
        yield Query("count", "shape", (Kind(shape=SHAPES[k]),))


def _solve_count(query: Query, views: Views) -> Solution:
    [kind] = query.kinds
    found = of_kind(kind, views[0])
    return Solution(str(len(found)), (found_step(kind, found),))


def _program_count(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    if w.chance(0.3):
        w.number(f'len({w.image}.find("{kind.phrase}"))')
        return w.program()
    found = w.all_of(kind)
    if w.chance(0.2):
        w.line("count = 0")
        w.line(f"for _ in {found}:")
        w.line("count += 1", 1)
        w.number("count")
    else:
        w.number(f"len({found})")
    return w.program()


COUNT = Family(
    "count",
    "solids",
    "number",
    {"all": ("3", "4", "5", "6", "7", "8"), "shape": ("0", "1", "2", "3", "4")},
    {
        "*": Phrasings(
            (
                "How many {a_s} are there?",
                "How many {a_s} are on the table?",
                "What is the number of {a_s}?",
                "Count the {a_s}.",
                "How many {a_s} can you see?",
            ),
            ("What is the number of {a_s} on the table?",),
            ("Count the {a_s} on the table.", "How many {a_s} does the picture show?"),
        )
    },
    _propose_count,
    _solve_count,
    _program_count,
)


# count_filtered ------------------------------------------------------------------------------------------


def _propose_filtered(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for attribute, values in (("color", COLORS), ("material", MATERIALS), ("size", SIZES)):
        value = values[rng.integers(len(values))]
        yield Query("count_filtered", attribute, (Kind()._replace(**{attribute: value}),))
        shape = SHAPES[rng.integers(len(SHAPES))]
        yield Query("count_filtered", f"{attribute} shape", (Kind(shape)._replace(**{attribute: value}),))
    for anchor in unique_kinds(views[0], rng):
        color = COLORS[rng.integers(len(COLORS))] if rng.random() < 0.4 else None
        yield Query(
            "count_filtered", "side", (Kind(color=color), anchor), (("left", "right")[rng.integers(2)],)
        )


def _solve_filtered(query: Query, views: Views) -> Solution | None:
    view = views[0]
    kind = query.kinds[0]
    found = of_kind(kind, view)
    if query.variant != "side":
        return Solution(str(len(found)), (found_step(kind, found),))
    anchor = the(query.kinds[1], view)
    if anchor is None:
        return None
    side = query.words[0]
    orders = {id(seen): side_order(seen, anchor, view) for seen in found if seen is not anchor}
    if None in orders.values():
        return None
    beside = [s for s in found if orders.get(id(s)) == (-1 if side == "left" else 1)]
    steps = (
        found_step(query.kinds[1], [anchor]),
        Step(f"Of the {kind.plural}, {len(beside)} are to the {side} of it.", tuple(s.box for s in beside)),
    )
    return Solution(str(len(beside)), steps)


def _program_filtered(query: Query, w: Writer) -> str:
    kind = query.kinds[0]
    if query.variant != "side":
        w.comment(f"Count the {kind.plural}.")
        w.number(f"len({w.all_of(kind)})")
        return w.program()
    anchor = w.the(query.kinds[1])
    found = w.all_of(kind, name=w.pick("others", "candidates", "objects"))
    sign = "<" if query.words[0] == "left" else ">"
    if w.chance(0.5):
        test = f"p.horizontal_center {sign} {anchor}.horizontal_center"
        w.number(w.pick(f"len([p for p in {found} if {test}])", f"sum(1 for p in {found} if {test})"))
    else:
        w.line("count = 0")
        w.line(f"for p in {found}:")
        w.line(f"if p.horizontal_center {sign} {anchor}.horizontal_center:", 1)
        w.line("count += 1", 2)
        w.number("count")
    return w.program()


_FIVE = ("0", "1", "2", "3", "4")
_FOUR = ("0", "1", "2", "3")
_THREE = ("0", "1", "2")

COUNT_FILTERED = Family(
    "count_filtered",
    "solids",
    "number",
    {
        "color": _FIVE,
        "material": _FIVE,
        "size": _FIVE,
        "color shape": _THREE,
        "material shape": _FOUR,
        "size shape": _THREE,
        "side": _FIVE,
    },
    {
        "*": COUNT.phrasings["*"],
        "side": Phrasings(
            (
                "How many {a_s} are to the {w0} of the {b}?",
                "How many {a_s} are there {w0} of the {b}?",
                "Count the {a_s} to the {w0} of the {b}.",
                "What is the number of {a_s} on the {w0} of the {b}?",
            ),
            ("How many {a_s} can you see to the {w0} of the {b}?",),
            (
                "What is the number of {a_s} to the {w0} of the {b}?",
                "Count the {a_s} that are {w0} of the {b}.",
            ),
        ),
    },
    _propose_filtered,
    _solve_filtered,
    _program_filtered,
)


# compare_counts ------------------------------------------------------------------------------------------


def _propose_compare(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    solids = [solid_of(seen) for seen in views[0].solids]
    variant = ("more", "fewer", "as many")[rng.integers(3)]
    for _ in range(3):
        a, b = Kind(shape=solids[rng.integers(len(solids))].shape), Kind(shape=SHAPES[rng.integers(8)])
        yield Query("compare_counts", variant, (a, b) if rng.random() < 0.5 else (b, a))
    a, b = Kind(color=solids[rng.integers(len(solids))].color), Kind(color=COLORS[rng.integers(8)])
    yield Query("compare_counts", variant, (a, b) if rng.random() < 0.5 else (b, a))


def _solve_compare(query: Query, views: Views) -> Solution | None:
    a, b = query.kinds
    if a == b:
        return None
    first, second = of_kind(a, views[0]), of_kind(b, views[0])
    n, m = len(first), len(second)
    if max(n, m) == 0:
        return None
    truth = {"more": n > m, "fewer": n < m, "as many": n == m}[query.variant]
    told = f"{n} is {'more than' if n > m else 'less than' if n < m else 'the same as'} {m}."
    return Solution(yes_no(truth), (found_step(a, first), found_step(b, second), Step(told.capitalize())))


def _program_compare(query: Query, w: Writer) -> str:
    a, b = query.kinds
    sign = {"more": ">", "fewer": "<", "as many": "=="}[query.variant]
    if w.chance(0.3):
        w.line(f'num_{a.name}s = len({w.image}.find("{a.phrase}"))')
        w.line(f'num_{b.name}s = len({w.image}.find("{b.phrase}"))')
        w.yes_no(f"num_{a.name}s {sign} num_{b.name}s")
    else:
        w.yes_no(f"len({w.all_of(a, name=a.name + 's')}) {sign} len({w.all_of(b, name=b.name + 's')})")
    return w.program()


COMPARE_COUNTS = Family(
    "compare_counts",
    "solids",
    "yes_no",
    dict.fromkeys(("more", "fewer", "as many"), YES_NO),
    {
        "as many": Phrasings(
            (
                "Are there as many {a_s} as {b_s}?",
                "Is the number of {a_s} the same as the number of {b_s}?",
                "Is there the same number of {a_s} and {b_s}?",
            ),
            ("Can you see as many {a_s} as {b_s}?",),
            (
                "Does the table have the same number of {a_s} and {b_s}?",
                "Are there as many {a_s} as {b_s} here?",
            ),
        ),
        "more": Phrasings(
            (
                "Are there more {a_s} than {b_s}?",
                "Is the number of {a_s} larger than the number of {b_s}?",
                "Does the picture show more {a_s} than {b_s}?",
            ),
            ("Can you see more {a_s} than {b_s}?",),
            ("Does the table have more {a_s} than {b_s}?", "Are there more {a_s} than {b_s} on the table?"),
        ),
        "fewer": Phrasings(
            (
                "Are there fewer {a_s} than {b_s}?",
                "Is the number of {a_s} smaller than the number of {b_s}?",
                "Does the picture show fewer {a_s} than {b_s}?",
            ),
            ("Can you see fewer {a_s} than {b_s}?",),
            ("Does the table have fewer {a_s} than {b_s}?", "Are there fewer {a_s} than {b_s} on the table?"),
        ),
    },
    _propose_compare,
    _solve_compare,
    _program_compare,
)

FAMILIES = (EXISTS, COUNT, COUNT_FILTERED, COMPARE_COUNTS)
