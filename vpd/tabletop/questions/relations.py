"""Where solids stand to one another: relation, behind, nearer, arrangement, between."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.common import (
    depth_order,
    first,
    found_step,
    of_kind,
    side_order,
    solid_of,
    the,
    unique_kinds,
)
from vpd.tabletop.questions.counting import YES_NO, yes_no
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.writer import Writer
from vpd.tabletop.vocabulary import COLORS, MATERIALS


def _pairs(views: Views, rng: np.random.Generator) -> Iterator[tuple[Kind, Kind]]:
    kinds = list(unique_kinds(views[0], rng))
    for i, a in enumerate(kinds):
        for b in kinds[i + 1 :]:
            yield (a, b) if rng.random() < 0.5 else (b, a)


def _two(query: Query, w: Writer) -> tuple[str, str]:
    a, b = query.kinds
    return w.the(a), w.the(b)


# relation ------------------------------------------------------------------------------------------------


def _propose_relation(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for a, b in _pairs(views, rng):
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
    a, b = _two(query, w)
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


# behind --------------------------------------------------------------------------------------------------


def _propose_behind(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for a, b in _pairs(views, rng):
        variant = ("behind", "in front of")[rng.integers(2)]
        yield Query("behind", variant, (a, b), (variant,))


def _solve_behind(query: Query, views: Views) -> Solution | None:
    a, b = (the(kind, views[0]) for kind in query.kinds)
    if a is None or b is None or (order := depth_order(a, b, views[0])) is None:
        return None
    nearer = "closer to" if order == -1 else "farther from"
    told = Step(
        f"The {query.kinds[0].phrase} is {nearer} the camera than the {query.kinds[1].phrase}.",
        (a.box, b.box),
    )
    return Solution(yes_no((order == 1) == (query.variant == "behind")), (told,))


def _program_behind(query: Query, w: Writer) -> str:
    a, b = _two(query, w)
    sign = ">" if query.variant == "behind" else "<"
    if w.chance(0.5):
        w.line(f"{a}_depth = {a}.compute_depth()")
        w.line(f"{b}_depth = {b}.compute_depth()")
        w.yes_no(f"{a}_depth {sign} {b}_depth")
    else:
        w.yes_no(f"{a}.compute_depth() {sign} {b}.compute_depth()")
    return w.program()


BEHIND = Family(
    "behind",
    "solids",
    "yes_no",
    {"behind": YES_NO, "in front of": YES_NO},
    {
        "*": Phrasings(
            (
                "Is the {a} {w0} the {b}?",
                "Does the {a} stand {w0} the {b}?",
                "Is it true that the {a} is {w0} the {b}?",
                "Can you see the {a} {w0} the {b}?",
            ),
            ("Does the picture show the {a} {w0} the {b}?",),
            ("Would you say that the {a} is {w0} the {b}?", "Tell me: is the {a} {w0} the {b}?"),
        )
    },
    _propose_behind,
    _solve_behind,
    _program_behind,
)


# nearer --------------------------------------------------------------------------------------------------


def _propose_nearer(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for a, b in _pairs(views, rng):
        yield Query("nearer", ("closer", "farther")[rng.integers(2)], (a, b))


def _choices(query: Query) -> tuple[str, ...]:
    return tuple(kind.phrase for kind in query.kinds)


def _solve_nearer(query: Query, views: Views) -> Solution | None:
    a, b = (the(kind, views[0]) for kind in query.kinds)
    if a is None or b is None or (order := depth_order(a, b, views[0])) is None:
        return None
    nearer, other = query.kinds if order == -1 else query.kinds[::-1]
    answer = nearer if query.variant == "closer" else other
    told = Step(f"The {nearer.phrase} is closer to the camera than the {other.phrase}.", (a.box, b.box))
    return Solution(answer.phrase, (told,), ("first", "second")[query.kinds.index(answer)])


def _program_nearer(query: Query, w: Writer) -> str:
    a, b = _two(query, w)
    first_phrase, second_phrase = _choices(query)
    sign = "<" if query.variant == "closer" else ">"
    condition = f"{a}.compute_depth() {sign} {b}.compute_depth()"
    if w.chance(0.5):
        w.line(f'return "{first_phrase}" if {condition} else "{second_phrase}"')
    else:
        w.line(f"if {condition}:")
        w.line(f'return "{first_phrase}"', 1)
        w.line(f'return "{second_phrase}"')
    return w.program()


NEARER = Family(
    "nearer",
    "solids",
    "choice",
    {"closer": ("first", "second"), "farther": ("first", "second")},
    {
        "closer": Phrasings(
            (
                "Which is closer to the camera, the {a} or the {b}?",
                "Which one is nearer, the {a} or the {b}?",
                "What is closer to you, the {a} or the {b}?",
            ),
            ("Which is nearer to the camera, the {a} or the {b}?",),
            ("Of the {a} and the {b}, which is closer?", "Which one is closer to you, the {a} or the {b}?"),
        ),
        "farther": Phrasings(
            (
                "Which is farther from the camera, the {a} or the {b}?",
                "Which one is farther away, the {a} or the {b}?",
                "What is farther from you, the {a} or the {b}?",
            ),
            ("Which is farther away from the camera, the {a} or the {b}?",),
            (
                "Of the {a} and the {b}, which is farther away?",
                "Which one is farther from you, the {a} or the {b}?",
            ),
        ),
    },
    _propose_nearer,
    _solve_nearer,
    _program_nearer,
    _choices,
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
    phrases = _choices(query)
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
    _choices,
)


# between -------------------------------------------------------------------------------------------------


def _propose_between(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    solids = views[0].solids
    for a, b in _pairs(views, rng):
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

FAMILIES = (RELATION, BEHIND, NEARER, ARRANGEMENT, BETWEEN)
