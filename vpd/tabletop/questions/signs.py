"""Printed cards: read_sign, sign_near, word_shown."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.questions.common import (
    YES_NO,
    depth_order,
    first,
    found_step,
    side_order,
    the,
    unique_kinds,
    yes_no,
)
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.writer import Writer
from vpd.tabletop.vocabulary import WORDS


def said(sign: Seen) -> Step:
    return Step(f'The sign says "{sign.text}".', (sign.box,))


def read(w: Writer, patch: str) -> str:
    """An expression for what is printed in a patch."""
    return w.pick(f"{patch}.read_text()", f"{patch}.read_text()", f"{patch}.read_text().strip()")


def gap(a: Seen, b: Seen) -> float:
    """Distance between the edges of two boxes, in pixels, as the program language measures it."""
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a.box, b.box
    across, along = max(ax1 - bx2, bx1 - ax2, 0), max(ay1 - by2, by1 - ay2, 0)
    return (across * across + along * along) ** 0.5


def closest(found: list[Seen], anchor: Seen, view: Annotation) -> Seen | None:
    """The one whose box is clearly closest to the anchor's; None if that is unclear."""
    ordered = sorted(found, key=lambda seen: gap(seen, anchor))
    if len(ordered) > 1:
        nearest, second = gap(ordered[0], anchor), gap(ordered[1], anchor)
        if second < 1.5 * nearest or second - nearest < 0.06 * view.width:
            return None
    return ordered[0] if ordered else None


# read_sign -----------------------------------------------------------------------------------------------

_PLACES = {"left": (side_order, -1), "right": (side_order, 1), "closer": (depth_order, -1)}


def _propose_read(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    del rng
    if len(views[0].signs) == 1:
        yield Query("read_sign", "only")
    else:
        yield Query("read_sign", "left", (), ("on the left",))
        yield Query("read_sign", "right", (), ("on the right",))
        yield Query("read_sign", "closer", (), ("closest to the camera",))


def _solve_read(query: Query, views: Views) -> Solution | None:
    view = views[0]
    signs = view.signs
    if (query.variant == "only") != (len(signs) == 1) or not signs:
        return None
    if query.variant == "only":
        return Solution(signs[0].text, (said(signs[0]),))
    one = first(signs, view, *_PLACES[query.variant])
    if one is None or (query.variant != "closer" and len(signs) != 2):
        return None
    steps = (
        Step(f"There are {len(signs)} signs.", tuple(sign.box for sign in signs)),
        Step(f'The one {query.words[0]} says "{one.text}".', (one.box,)),
    )
    return Solution(one.text, steps)


def _program_read(query: Query, w: Writer) -> str:
    if query.variant == "only":
        match w.pick("crop", "whole", "name"):
            case "crop":
                sign = f'{w.image}.find("sign")[0]'
                w.line(f"return {read(w, sign)}")
            case "whole":
                w.line(f"return {read(w, w.image)}")
            case _:
                w.line(f'sign = {w.image}.find("sign")[0]')
                w.line(f"return {read(w, 'sign')}")
        return w.program()
    w.line(f'signs = {w.image}.find("sign")')
    key = "{p}.compute_depth()" if query.variant == "closer" else "{p}.horizontal_center"
    w.extreme("signs", key, query.variant != "right", "sign")
    w.line(f"return {read(w, 'sign')}")
    return w.program()


READ_SIGN = Family(
    "read_sign",
    "signs",
    "open",
    {"only": (), "left": (), "right": (), "closer": ()},
    {
        "only": Phrasings(
            (
                "What does the sign say?",
                "What is written on the sign?",
                "Read the sign.",
                "What can you read on the sign?",
            ),
            ("What does the sign on the table say?",),
            ("Read what is written on the sign.", "Tell me what the sign says."),
        ),
        "*": Phrasings(
            (
                "What does the sign {w0} say?",
                "What is written on the sign {w0}?",
                "Read the sign {w0}.",
                "Look at the sign {w0}. What does it say?",
            ),
            ("What can you read on the sign {w0}?",),
            ("Read what is written on the sign {w0}.", "Look at the sign {w0}. What is written on it?"),
        ),
    },
    _propose_read,
    _solve_read,
    _program_read,
)


# sign_near -----------------------------------------------------------------------------------------------


def _propose_near(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for kind in unique_kinds(views[0], rng):
        yield Query("sign_near", "closest", (kind,))


def solve_near(query: Query, views: Views) -> Solution | None:
    view = views[0]
    anchor = the(query.kinds[0], view)
    if anchor is None or len(view.signs) < 2:
        return None
    one = closest(list(view.signs), anchor, view)
    if one is None:
        return None
    return Solution(one.text, (found_step(query.kinds[0], [anchor]), said(one)))


def _program_near(query: Query, w: Writer) -> str:
    anchor = w.the(query.kinds[0])
    w.line(f'signs = {w.image}.find("sign")')
    w.extreme("signs", f"distance({{p}}, {anchor})", True, "sign")
    w.line(f"return {read(w, 'sign')}")
    return w.program()


NEAR = Phrasings(
    (
        "What does the sign closest to the {a} say?",
        "What is written on the sign closest to the {a}?",
        "Read the sign that is closest to the {a}.",
        "Which sign is closest to the {a}? Read it.",
    ),
    ("What can you read on the sign closest to the {a}?",),
    (
        "Read what is written on the sign closest to the {a}.",
        "Look at the sign closest to the {a}. What does it say?",
    ),
)

SIGN_NEAR = Family(
    "sign_near", "signs", "open", {"closest": ()}, {"*": NEAR}, _propose_near, solve_near, _program_near
)


# word_shown ----------------------------------------------------------------------------------------------


def _propose_word(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for sign in views[0].signs:
        if sign.text.isalpha():
            yield Query("word_shown", "word", (), (sign.text,))
            yield Query("word_shown", "word", (), (WORDS[rng.integers(len(WORDS))],))


def _solve_word(query: Query, views: Views) -> Solution | None:
    [word], signs = query.words, views[0].signs
    if not signs:
        return None
    return Solution(yes_no(any(sign.text == word for sign in signs)), tuple(said(sign) for sign in signs))


def _program_word(query: Query, w: Writer) -> str:
    [word] = query.words
    match w.pick("text", "found", "each"):
        case "text":
            w.line(f"text = {w.image}.read_text()")
            w.yes_no(f'"{word}" in text.upper()')
        case "found":
            w.yes_no(f'len({w.image}.find_text("{word}")) > 0')
        case _:
            w.line(f'signs = {w.image}.find("sign")')
            w.yes_no(f'any("{word}" in sign.read_text().upper() for sign in signs)')
    return w.program()


WORD_SHOWN = Family(
    "word_shown",
    "signs",
    "yes_no",
    {"word": YES_NO},
    {
        "*": Phrasings(
            (
                "Does a sign say {w0}?",
                "Is there a sign that says {w0}?",
                "Can you read the word {w0} on a sign?",
                "Is the word {w0} written on a sign?",
            ),
            ("Can you see a sign that says {w0}?",),
            ("Is there a sign on the table that says {w0}?", "Can you see the word {w0} on a sign?"),
        )
    },
    _propose_word,
    _solve_word,
    _program_word,
)


FAMILIES = (READ_SIGN, SIGN_NEAR, WORD_SHOWN)
