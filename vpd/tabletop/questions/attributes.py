"""Properties of one solid: attribute, verify, same, extreme."""

import itertools
from collections.abc import Iterator

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.common import (
    ATTRIBUTES,
    YES_NO,
    Order,
    depth_order,
    first,
    found_step,
    look_of,
    of_kind,
    side_order,
    size_order,
    solid_of,
    the,
    unique_kinds,
    yes_no,
)
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.writer import VALUES, Writer

# attribute -----------------------------------------------------------------------------------------------


def _propose_attribute(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for attribute in ATTRIBUTES:
        for kind in unique_kinds(views[0], rng, attribute):
            yield Query("attribute", attribute, (kind,), (attribute,))


def _solve_attribute(query: Query, views: Views) -> Solution | None:
    seen = the(query.kinds[0], views[0])
    if seen is None:
        return None
    answer = getattr(solid_of(seen), query.variant)
    return Solution(answer, (Step(f"The {query.kinds[0].phrase} is a {look_of(seen)}.", (seen.box,)),))


def _program_attribute(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    w.comment(f"Look at the {kind.phrase}.")
    w.property_of(w.the(kind), kind.noun, query.variant)
    return w.program()


ATTRIBUTE = Family(
    "attribute",
    "solids",
    "open",
    VALUES,
    {
        "*": Phrasings(
            (
                "What {w0} is the {a}?",
                "What is the {w0} of the {a}?",
                "Which {w0} does the {a} have?",
                "Tell me the {w0} of the {a}.",
            ),
            ("Which {w0} is the {a}?",),
            ("Tell me what {w0} the {a} is.", "The {a} is of which {w0}?"),
        ),
        "material": Phrasings(
            (
                "What is the {a} made of?",
                "What material is the {a}?",
                "Which material is the {a} made of?",
                "Tell me the material of the {a}.",
            ),
            ("What material is the {a} made of?",),
            ("Tell me what the {a} is made of.", "Which material is the {a}?"),
        ),
    },
    _propose_attribute,
    _solve_attribute,
    _program_attribute,
)


# verify --------------------------------------------------------------------------------------------------


def _propose_verify(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for attribute in ("color", "material", "size"):
        for kind in unique_kinds(views[0], rng, attribute):
            seen = the(kind, views[0])
            assert seen is not None
            values = VALUES[attribute]
            yield Query("verify", attribute, (kind,), (getattr(solid_of(seen), attribute),))
            yield Query("verify", attribute, (kind,), (values[rng.integers(len(values))],))


def _solve_verify(query: Query, views: Views) -> Solution | None:
    seen = the(query.kinds[0], views[0])
    if seen is None:
        return None
    value = getattr(solid_of(seen), query.variant)
    told = Step(f"The {query.kinds[0].phrase} is {value}.", (seen.box,))
    return Solution(yes_no(value == query.words[0]), (told,))


def _program_verify(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    [value] = query.words
    patch = w.the(kind)
    if w.chance(0.55):
        w.yes_no(f'{patch}.verify_property("{kind.noun}", "{value}")')
    elif w.chance(0.5):
        w.yes_no(f'{w.property_into(patch, kind.noun, query.variant, query.variant)} == "{value}"')
    else:
        w.yes_no(f'{patch}.exists("{value} {kind.noun}")')
    return w.program()


VERIFY = Family(
    "verify",
    "solids",
    "yes_no",
    dict.fromkeys(("color", "material", "size"), YES_NO),
    {
        "*": Phrasings(
            (
                "Is the {a} {w0}?",
                "Is it true that the {a} is {w0}?",
                "Does the picture show that the {a} is {w0}?",
                "Would you say that the {a} is {w0}?",
            ),
            ("Can you see that the {a} is {w0}?",),
            ("Tell me: is the {a} {w0}?", "Is it true that the {a} on the table is {w0}?"),
        ),
        "material": Phrasings(
            (
                "Is the {a} made of {w0}?",
                "Is it true that the {a} is made of {w0}?",
                "Would you say that the {a} is {w0}?",
                "Is the {a} on the table made of {w0}?",
            ),
            ("Can you see that the {a} is made of {w0}?",),
            ("Tell me: is the {a} made of {w0}?", "Would you say that the {a} is made of {w0}?"),
        ),
    },
    _propose_verify,
    _solve_verify,
    _program_verify,
)


# same ----------------------------------------------------------------------------------------------------


def _propose_same(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for attribute in ("color", "material", "size"):
        kinds = list(unique_kinds(views[0], rng, attribute))
        for a, b in itertools.pairwise(kinds):
            yield Query("same", attribute, (a, b), (attribute,))


def _solve_same(query: Query, views: Views) -> Solution | None:
    a, b = (the(kind, views[0]) for kind in query.kinds)
    if a is None or b is None:
        return None
    values = [getattr(solid_of(seen), query.variant) for seen in (a, b)]
    told = tuple(
        Step(f"The {kind.phrase} is {value}.", (seen.box,))
        for kind, value, seen in zip(query.kinds, values, (a, b), strict=True)
    )
    return Solution(yes_no(values[0] == values[1]), told)


def _program_same(query: Query, w: Writer) -> str:
    a, b = query.kinds
    first_patch, second_patch = w.the(a), w.the(b)
    name = query.variant
    if name != "color" and w.chance(0.4):
        value = VALUES[name][-1]
        checks = [
            f'{p}.verify_property("{k.noun}", "{value}")' for p, k in ((first_patch, a), (second_patch, b))
        ]
        if name == "material":
            w.yes_no(f"{checks[0]} == {checks[1]}")
            return w.program()
    one = w.property_into(first_patch, a.noun, name, f"{name}_1")
    two = w.property_into(second_patch, b.noun, name, f"{name}_2")
    w.yes_no(f"{one} == {two}")
    return w.program()


SAME = Family(
    "same",
    "solids",
    "yes_no",
    dict.fromkeys(("color", "material", "size"), YES_NO),
    {
        "*": Phrasings(
            (
                "Are the {a} and the {b} the same {w0}?",
                "Do the {a} and the {b} have the same {w0}?",
                "Is the {w0} of the {a} the same as the {w0} of the {b}?",
                "Does the {a} have the same {w0} as the {b}?",
            ),
            ("Is the {a} the same {w0} as the {b}?",),
            (
                "Is the {w0} the same for the {a} and the {b}?",
                "Would you say that the {a} and the {b} are the same {w0}?",
            ),
        )
    },
    _propose_same,
    _solve_same,
    _program_same,
)


# extreme -------------------------------------------------------------------------------------------------

EXTREMES: dict[str, tuple[Order, int]] = {
    "leftmost": (side_order, -1),
    "rightmost": (side_order, 1),
    "nearest": (depth_order, -1),
    "farthest": (depth_order, 1),
    "largest": (size_order, 1),
    "smallest": (size_order, -1),
}
KEYS = {
    "leftmost": "{p}.horizontal_center",
    "rightmost": "{p}.horizontal_center",
    "nearest": "{p}.compute_depth()",
    "farthest": "{p}.compute_depth()",
    "largest": "{p}.width * {p}.height",
    "smallest": "{p}.width * {p}.height",
}
_TOLD = {
    "leftmost": "farthest to the left",
    "rightmost": "farthest to the right",
    "nearest": "closest to the camera",
    "farthest": "farthest from the camera",
    "largest": "the largest",
    "smallest": "the smallest",
}


def _propose_extreme(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    kinds = {Kind(shape=solid_of(s).shape) for s in views[0].solids}
    kinds |= {Kind(color=solid_of(s).color) for s in views[0].solids}
    kinds |= {Kind(material=solid_of(s).material) for s in views[0].solids}
    for kind in (Kind(), *sorted(kinds, key=lambda k: k.phrase)):
        for extreme in EXTREMES:
            attributes = [a for a in ("color", "material", "shape") if getattr(kind, a) is None]
            attribute = attributes[rng.integers(len(attributes))]
            yield Query("extreme", f"{extreme} {attribute}", (kind,), (extreme, attribute))


def _solve_extreme(query: Query, views: Views) -> Solution | None:
    view = views[0]
    [kind] = query.kinds
    extreme, attribute = query.words
    found = of_kind(kind, view)
    if len(found) < 2:
        return None
    one = first(found, view, *EXTREMES[extreme])
    if one is None:
        return None
    told = Step(f"The {look_of(one)} is {_TOLD[extreme]} of them.", (one.box,))
    return Solution(getattr(solid_of(one), attribute), (found_step(kind, found), told))


def _program_extreme(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    extreme, attribute = query.words
    found = w.all_of(kind)
    w.comment(f"The {extreme} one.")
    name = w.pick(extreme, f"{extreme}_{kind.noun}", "target")
    w.extreme(found, KEYS[extreme], EXTREMES[extreme][1] == -1, name)
    w.property_of(name, kind.noun, attribute)
    return w.program()


EXTREME = Family(
    "extreme",
    "solids",
    "open",
    {f"{e} {a}": VALUES[a] for e in EXTREMES for a in ("color", "material", "shape")},
    {
        "*": Phrasings(
            (
                "What {w1} is the {w0} {a}?",
                "What is the {w1} of the {w0} {a}?",
                "Look at the {a_s}. What {w1} is the {w0} one?",
                "Tell me the {w1} of the {w0} {a}.",
            ),
            ("Of the {a_s}, what is the {w1} of the {w0} one?",),
            ("Look at the {w0} {a}. What is its {w1}?", "Of the {a_s}, what {w1} is the {w0} one?"),
        )
    },
    _propose_extreme,
    _solve_extreme,
    _program_extreme,
)

FAMILIES = (ATTRIBUTE, VERIFY, SAME, EXTREME)
