"""The kinds of statement that facts are: plain data, from which sentences are written and against which they
are checked."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, TypeAdapter, model_serializer

from vpd.records import Box, Json, Record

Direction = Literal[
    "left", "right", "above", "below", "closer", "farther", "larger", "smaller", "wider", "narrower", "taller",
    "shorter", "overlaps", "touches",
]  # fmt: skip

Operator = Literal["==", "!=", "<", "<=", ">", ">="]


class Thing(Record):
    """A region of an image, and what it is called."""

    noun: str
    mark: str = ""
    """What tells it from others of its noun, before the noun: `first`, `topmost`."""
    tail: str = ""
    """The same, after the noun: `from the bottom`, `around the cat`."""
    within: str = ""
    """The region it was found in, where that is not the whole image: `the second box`."""
    image: int = 0
    box: Box | None = None
    """In pixels of the whole image; None for a whole image."""


class Quantity(Record):
    """A number or text with the words for what it measures."""

    phrase: str
    """`the gap between the bottom edges`; '' for a number that the program itself names."""
    value: float | int | str | None = None
    unit: Literal["", "pixels", "percent"] = ""
    edge: str = ""
    """For the gap between the same edges of two regions: `bottom edge`."""
    between: tuple[str, ...] = ()
    """For such a gap: what the two regions are called."""


class _Fact(Record):
    steps: tuple[int, ...] = ()
    """Indices of the steps that show it."""
    scope: tuple[Thing, ...] = ()
    """The passes of loops that it belongs to, outermost first: what the loops went through."""

    @model_serializer(mode="wrap")
    def _with_kind(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Of the fields at their default, which are left out, the kind is needed."""
        return {"kind": type(self).model_fields["kind"].default, **handler(self)}


class Detected(_Fact):
    """What a detector, or a search for words, found."""

    kind: Literal["detected"] = "detected"
    noun: str
    count: int | None = None
    """None where only presence was asked."""
    present: bool = True
    things: tuple[Thing, ...] = ()
    within: Thing | None = None
    """The region that was searched; None for the whole image."""
    text: str | None = None
    """For lines of text: words that they had to contain, or ''."""
    telling: str = ""
    """For lines of text: the one that holds the answer."""


class HasProperty(_Fact):
    kind: Literal["property"] = "property"
    thing: Thing
    property: str
    holds: bool


class Matched(_Fact):
    """Which description fits a region best."""

    kind: Literal["matched"] = "matched"
    thing: Thing
    value: str
    options: tuple[str, ...] = ()


class Asked(_Fact):
    """A question put to a model, about a region or to general knowledge, and its answer."""

    kind: Literal["asked"] = "asked"
    thing: Thing | None
    """None for general knowledge."""
    question: str
    answer: str


class HasText(_Fact):
    """The text read in a region."""

    kind: Literal["text"] = "text"
    thing: Thing
    lines: tuple[str, ...]
    telling: str = ""
    """The line that holds the answer."""


class HasDepth(_Fact):
    """How far from the camera a region is; larger is farther."""

    kind: Literal["depth"] = "depth"
    thing: Thing
    depth: float


class FramesSelected(_Fact):
    kind: Literal["frames"] = "frames"
    description: str
    frames: tuple[int, ...]
    """Their places in the video, from 0."""


class Chosen(_Fact):
    """Which of several regions comes first, or at some other place, by where it stands or how large it is."""

    kind: Literal["chosen"] = "chosen"
    thing: Thing
    rank: str
    """`nearest`, `second from the camera`, `best match for “red”`."""
    among: tuple[Thing, ...]


class Related(_Fact):
    """How two regions stand to each other."""

    kind: Literal["related"] = "related"
    a: Thing
    part_a: str = ""
    """`bottom edge`; '' for the whole, or its centre."""
    direction: Direction
    b: Thing
    part_b: str = ""
    entirely: bool = False
    """Whether all of `a` lies on that side of all of `b`."""
    holds: bool


class CountCompared(_Fact):
    """How a number of things compares with another number."""

    kind: Literal["count"] = "count"
    noun: str
    count: int
    operator: Operator
    other: int | float
    other_noun: str = ""
    """What `other` counts; '' for a number that the program names."""
    holds: bool
    such: bool = False
    """Whether the things counted are those of the noun that passed a test before."""
    total: bool = False
    """Whether the count was added up over several places."""


class MeasureCompared(_Fact):
    """How two measures compare, or two places along an axis."""

    kind: Literal["measure"] = "measure"
    left: Quantity
    operator: Operator
    right: Quantity
    holds: bool
    axis: Literal["", "across", "upright"] = ""
    """For places: the direction in which they are compared."""


class TextCompared(_Fact):
    """Whether a text is another, or contains it."""

    kind: Literal["text_test"] = "text_test"
    left: Quantity
    test: Literal["is", "contains", "starts", "ends"]
    other: str
    holds: bool


class Calculated(_Fact):
    """A number that the program works out."""

    kind: Literal["calculated"] = "calculated"
    quantity: Quantity


class SortedOut(_Fact):
    """For which of several things something holds."""

    kind: Literal["sorted_out"] = "sorted_out"
    sample: "Detected | HasProperty | Related | MeasureCompared | TextCompared"
    """What holds of one of them; its subject is the noun without a mark."""
    noun: str
    passed: tuple[Thing, ...]
    failed: tuple[Thing, ...]
    complete: bool = True
    """Whether these are all that were found of the noun."""


class Concluded(_Fact):
    """The answer."""

    kind: Literal["answer"] = "answer"
    answer: str


Fact = Annotated[
    Detected | HasProperty | Matched | Asked | HasText | HasDepth | FramesSelected | Chosen | Related
    | CountCompared | MeasureCompared | TextCompared | Calculated | SortedOut | Concluded,
    Field(discriminator="kind"),
]  # fmt: skip

_FACTS: TypeAdapter[tuple[Fact, ...]] = TypeAdapter(tuple[Fact, ...])


def dump(facts: tuple[Fact, ...]) -> Json:
    """Facts as JSON, without what is left at its default."""
    return _FACTS.dump_python(facts, mode="json", exclude_defaults=True)


def load(facts: Json) -> tuple[Fact, ...]:
    """Facts from JSON.

    Raises:
        pydantic.ValidationError: it holds something else.
    """
    return _FACTS.validate_python(facts)
