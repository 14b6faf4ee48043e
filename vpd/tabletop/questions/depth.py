"""What is nearer to the camera: behind, nearer."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.questions.common import YES_NO, depth_order, named_choices, the, unique_pairs, yes_no
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.writer import Writer

# behind --------------------------------------------------------------------------------------------------


def _propose_behind(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for a, b in unique_pairs(views[0], rng):
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
    a, b = (w.the(kind) for kind in query.kinds)
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
    for a, b in unique_pairs(views[0], rng):
        yield Query("nearer", ("closer", "farther")[rng.integers(2)], (a, b))


def _solve_nearer(query: Query, views: Views) -> Solution | None:
    a, b = (the(kind, views[0]) for kind in query.kinds)
    if a is None or b is None or (order := depth_order(a, b, views[0])) is None:
        return None
    nearer, other = query.kinds if order == -1 else query.kinds[::-1]
    answer = nearer if query.variant == "closer" else other
    told = Step(f"The {nearer.phrase} is closer to the camera than the {other.phrase}.", (a.box, b.box))
    return Solution(answer.phrase, (told,), ("first", "second")[query.kinds.index(answer)])


def _program_nearer(query: Query, w: Writer) -> str:
    a, b = (w.the(kind) for kind in query.kinds)
    first_phrase, second_phrase = named_choices(query)
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
    named_choices,
)

FAMILIES = (BEHIND, NEARER)
