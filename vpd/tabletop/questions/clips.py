"""Clips in which something happens in a few frames: clip_sign, clip_property, clip_exists, clip_move, clip_count."""

from collections.abc import Iterator

import numpy as np

from vpd.tabletop.annotation import Seen
from vpd.tabletop.kinds import Kind, kind_of
from vpd.tabletop.questions.common import YES_NO, found_step, look_of, of_kind, solid_of, the, unique_kinds
from vpd.tabletop.questions.family import Family, Phrasings, Query, Solution, Step, Views
from vpd.tabletop.questions.signs import read
from vpd.tabletop.questions.writer import VALUES, Writer
from vpd.tabletop.vocabulary import COLORS, SHAPES

MOVED = 0.15
"""A solid has moved when it ends at least this share of the image's width from where it began."""


def _with_signs(views: Views) -> list[int]:
    return [k for k, view in enumerate(views) if view.signs]


def _first_frame(w: Writer, phrase: str, test: str) -> str:
    """A frame that shows something, chosen by description or by looking through them all."""
    if w.chance(0.65):
        described = w.pick(f"a {phrase}", phrase, f"a {phrase} on the table")
        if w.chance(0.5):
            w.line(f'frame = video.select_frames("{described}")[0]')
        else:
            w.line(f'frames = video.select_frames("{described}", {w.pick("1", "2")})')
            w.line("frame = frames[0]")
    elif w.chance(0.5):
        w.line(f"frame = [f for f in video.frame_iterator() if f.{test}][0]")
    else:
        w.line("frame = video.frame_from_index(0)")
        w.line("for candidate in video.frame_iterator():")
        w.line(f"if candidate.{test}:", 1)
        w.line("frame = candidate", 2)
        w.line("break", 2)
    return "frame"


# clip_sign -----------------------------------------------------------------------------------------------


def _propose_sign(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    del views, rng
    yield Query("clip_sign", "only")


def _solve_sign(query: Query, views: Views) -> Solution | None:
    del query
    frames = _with_signs(views)
    texts = {sign.text for k in frames for sign in views[k].signs}
    if len(texts) != 1:
        return None
    [sign] = views[frames[0]].signs
    return Solution(
        sign.text,
        (
            Step(f"A sign is shown in frames {frames[0] + 1} to {frames[-1] + 1}."),
            Step(f'It says "{sign.text}".', (sign.box,), frames[0]),
        ),
    )


def _program_sign(query: Query, w: Writer) -> str:
    del query
    frame = _first_frame(w, "sign", 'exists("sign")')
    if w.chance(0.7):
        w.line(f'sign = {frame}.find("sign")[0]')
        w.line(f"return {read(w, 'sign')}")
    else:
        w.line(f"return {read(w, frame)}")
    return w.program()


CLIP_SIGN = Family(
    "clip_sign",
    "clip",
    "open",
    {"only": ()},
    {
        "*": Phrasings(
            (
                "What does the sign say that is shown for a moment?",
                "What is written on the sign that appears in the video?",
                "A sign appears for a moment. What does it say?",
                "Read the sign that is shown in the video.",
            ),
            ("What is written on the sign that is shown for a moment?",),
            ("A sign is shown in the video. What does it say?", "Read the sign that appears for a moment."),
        )
    },
    _propose_sign,
    _solve_sign,
    _program_sign,
)


# clip_property -------------------------------------------------------------------------------------------


def _appearing(kind: Kind, views: Views) -> tuple[int, Seen] | None:
    """The only solid of a kind in the whole clip, and the first frame with it, if it is not always there."""
    found = [(k, of_kind(kind, view)) for k, view in enumerate(views)]
    shown = [(k, seen) for k, seen in found if seen]
    if not shown or len(shown) == len(views) or any(len(seen) > 1 for _, seen in shown):
        return None
    if len({solid_of(seen[0]) for _, seen in shown}) > 1:
        return None
    return shown[0][0], shown[0][1][0]


def _propose_property(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    del rng
    for solid in sorted({solid_of(s) for v in views for s in v.solids}, key=str):
        for attribute in ("color", "material"):
            yield Query("clip_property", attribute, (Kind(shape=solid.shape),), (attribute,))
        yield Query("clip_property", "shape", (Kind(color=solid.color),), ("shape",))


def _solve_property(query: Query, views: Views) -> Solution | None:
    found = _appearing(query.kinds[0], views)
    if found is None:
        return None
    frame, seen = found
    steps = (
        Step(f"The {query.kinds[0].phrase} appears in frame {frame + 1}."),
        Step(f"It is a {look_of(seen)}.", (seen.box,), frame),
    )
    return Solution(getattr(solid_of(seen), query.variant), steps)


def _program_property(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    frame = _first_frame(w, kind.phrase, f'exists("{kind.phrase}")')
    w.line(f'target = {frame}.find("{kind.phrase}")[0]')
    w.property_of("target", kind.noun, query.variant)
    return w.program()


CLIP_PROPERTY = Family(
    "clip_property",
    "clip",
    "open",
    {attribute: VALUES[attribute] for attribute in ("color", "material", "shape")},
    {
        "*": Phrasings(
            (
                "What {w0} is the {a} that appears for a moment?",
                "What is the {w0} of the {a} that appears in the video?",
                "{one_a} appears for a moment. What {w0} is it?",
                "Tell me the {w0} of the {a} that is shown for a moment.",
            ),
            ("What {w0} is the {a} that is shown for a moment?",),
            (
                "{one_a} appears in the video. What is its {w0}?",
                "Tell me the {w0} of the {a} that appears for a moment.",
            ),
        )
    },
    _propose_property,
    _solve_property,
    _program_property,
)


# clip_exists ---------------------------------------------------------------------------------------------


def _propose_exists(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    always = {solid_of(s) for s in views[0].solids}
    for solid in sorted({solid_of(s) for v in views for s in v.solids} - always, key=str):
        kind = kind_of(solid, "color", "shape")
        yield Query("clip_exists", "pair", (kind,))
        yield Query("clip_exists", "pair", (kind._replace(color=COLORS[rng.integers(8)]),))
        yield Query("clip_exists", "pair", (kind._replace(shape=SHAPES[rng.integers(8)]),))


def _solve_exists(query: Query, views: Views) -> Solution | None:
    [kind] = query.kinds
    frames = [k for k, view in enumerate(views) if of_kind(kind, view)]
    if len(frames) == len(views):
        return None
    if not frames:
        return Solution("no", (Step(f"None of the frames shows {kind.one}."),))
    return Solution("yes", (found_step(kind, of_kind(kind, views[frames[0]]), frames[0]),))


def _program_exists(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    match w.pick("any", "loop", "select"):
        case "any":
            w.yes_no(f'any(frame.exists("{kind.phrase}") for frame in video.frame_iterator())')
        case "loop":
            w.line("for frame in video.frame_iterator():")
            w.line(f'if len(frame.find("{kind.phrase}")) > 0:', 1)
            w.line('return "yes"', 2)
            w.line('return "no"')
        case _:
            w.line(f'frame = video.select_frames("{kind.one}")[0]')
            w.yes_no(f'frame.exists("{kind.phrase}")')
    return w.program()


CLIP_EXISTS = Family(
    "clip_exists",
    "clip",
    "yes_no",
    {"pair": YES_NO},
    {
        "*": Phrasings(
            (
                "Does {one_a} appear in the video?",
                "Is {one_a} shown for a moment?",
                "Is there {one_a} at any moment of the video?",
                "Can you see {one_a} at any moment?",
            ),
            ("Does {one_a} appear for a moment?",),
            ("Does {one_a} appear at any moment of the video?", "Is {one_a} shown in the video?"),
        )
    },
    _propose_exists,
    _solve_exists,
    _program_exists,
)


# clip_move -----------------------------------------------------------------------------------------------


def _propose_move(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    for kind in unique_kinds(views[0], rng):
        yield Query("clip_move", "side", (kind,))


def _solve_move(query: Query, views: Views) -> Solution | None:
    found = [the(query.kinds[0], view) for view in views]
    start, end = found[0], found[-1]
    if (
        start is None
        or end is None
        or None in found
        or abs(end.center - start.center) < MOVED * views[0].width
    ):
        return None
    answer = "left" if end.center < start.center else "right"
    phrase = query.kinds[0].phrase
    steps = (
        Step(f"At first the {phrase} is here.", (start.box,), 0),
        Step(f"At the end it is farther to the {answer}.", (end.box,), len(views) - 1),
    )
    return Solution(answer, steps)


def _program_move(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    w.line("first = video.frame_from_index(0)")
    w.line(f"last = video.frame_from_index({w.pick('video.num_frames - 1', '-1')})")
    start, end = w.the(kind, "first", "start"), w.the(kind, "last", "end")
    if w.chance(0.5):
        w.line(f'return "right" if {end}.horizontal_center > {start}.horizontal_center else "left"')
    else:
        w.line(f"if {end}.horizontal_center < {start}.horizontal_center:")
        w.line('return "left"', 1)
        w.line('return "right"')
    return w.program()


CLIP_MOVE = Family(
    "clip_move",
    "clip",
    "choice",
    {"side": ("left", "right")},
    {
        "*": Phrasings(
            (
                "Does the {a} move to the left or to the right?",
                "Which way does the {a} move, left or right?",
                "The {a} moves in the video. Does it go left or right?",
            ),
            ("In the video, does the {a} move to the left or to the right?",),
            (
                "The {a} moves. Which way does it go, left or right?",
                "Does the {a} go to the left or to the right?",
            ),
        )
    },
    _propose_move,
    _solve_move,
    _program_move,
    lambda _: ("left", "right"),
)


# clip_count ----------------------------------------------------------------------------------------------


def _propose_count(views: Views, rng: np.random.Generator) -> Iterator[Query]:
    shapes = {solid_of(s).shape for v in views for s in v.solids}
    for k in rng.permutation(len(SHAPES)):
        if SHAPES[k] in shapes:
            yield Query("clip_count", "shape", (Kind(shape=SHAPES[k]),))


def _solve_count(query: Query, views: Views) -> Solution | None:
    [kind] = query.kinds
    frames = _with_signs(views)
    counts = {len(of_kind(kind, views[k])) for k in frames}
    if len(counts) != 1:
        return None
    found = of_kind(kind, views[frames[0]])
    steps = (
        Step(f"The sign is shown in frames {frames[0] + 1} to {frames[-1] + 1}."),
        found_step(kind, found, frames[0]),
    )
    return Solution(str(len(found)), steps)


def _program_count(query: Query, w: Writer) -> str:
    [kind] = query.kinds
    frame = _first_frame(w, "sign", 'exists("sign")')
    w.number(f'len({frame}.find("{kind.phrase}"))')
    return w.program()


CLIP_COUNT = Family(
    "clip_count",
    "clip",
    "number",
    {"shape": ("0", "1", "2", "3")},
    {
        "*": Phrasings(
            (
                "How many {a_s} are on the table while the sign is shown?",
                "While the sign is shown, how many {a_s} are there?",
                "At the moment the sign appears, how many {a_s} can you see?",
                "Count the {a_s} at the moment the sign is shown.",
            ),
            ("While the sign is shown, how many {a_s} can you see?",),
            (
                "How many {a_s} are there at the moment the sign appears?",
                "Count the {a_s} on the table while the sign is shown.",
            ),
        )
    },
    _propose_count,
    _solve_count,
    _program_count,
)

FAMILIES = (CLIP_SIGN, CLIP_PROPERTY, CLIP_EXISTS, CLIP_MOVE, CLIP_COUNT)
