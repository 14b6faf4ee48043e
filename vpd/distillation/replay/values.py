"""What a replayed program holds: each value with how it came about and the steps that it stands on."""

import ast
import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple


class Patch(NamedTuple):
    """A region of an image, in pixels, origin top left."""

    image: int
    box: tuple[float, float, float, float]
    category: str = ""
    confidence: float = 1.0


class Segment(NamedTuple):
    """Frames `start` to `end` (exclusive) of a video."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the program defines, with the variables around it."""

    node: ast.FunctionDef | ast.Lambda
    variables: "MutableMapping[str, Value]"


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function of the language or of the program API, or a method of a value."""

    name: str
    receiver: "Value | None" = None


class Unknown:
    """What the trace does not tell and the replay does not compute."""


UNKNOWN = Unknown()

NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Constant:
    """Written in the program."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Computed in a way that is not followed."""

    source: str
    parts: "tuple[Value, ...]" = ()


@dataclass(frozen=True, slots=True)
class Called:
    """The result of a tool."""

    tool: str
    step: int


@dataclass(frozen=True, slots=True)
class Measured:
    """An attribute of a patch, such as `left`, or its `depth`."""

    what: str
    of: "Value"


@dataclass(frozen=True, slots=True)
class Length:
    of: "Value"


@dataclass(frozen=True, slots=True)
class Computed:
    """Arithmetic: an operator, or a function such as `abs`, `distance`, `min` of numbers."""

    operation: str
    operands: "tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Compared:
    """`left operator right`; the operator may also be `in`, `not in`, `startswith`, `endswith` or `overlaps`."""

    operator: str
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class Joined:
    """`and`/`or`, with the operands that were evaluated."""

    operator: Literal["and", "or"]
    operands: "tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Negated:
    of: "Value"


@dataclass(frozen=True, slots=True)
class Quantified:
    """`any` or `all` of the elements of a list, as far as they were looked at."""

    quantifier: Literal["any", "all"]
    of: "Value"


@dataclass(frozen=True, slots=True)
class Ordered:
    """A list sorted by a key."""

    source: "Value"
    keys: "tuple[Value, ...] | None"
    """The key of each element, in the new order; None where the elements themselves are compared."""
    descending: bool


@dataclass(frozen=True, slots=True)
class Picked:
    """One element of a list, by position, or as the one with the smallest or largest key."""

    source: "Value"
    index: int
    key: "Value | None" = None
    extreme: Literal["min", "max"] | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list that a tool or the trace gave."""

    of: "Value"


@dataclass(frozen=True, slots=True)
class Tally:
    """A number that a loop, or the sum of a list, arrives at by counting."""

    name: str
    of: "Value | None"
    """What is counted: a list, of which all elements count, or only those that pass a test (`some`)."""
    some: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """A list filled by a loop or a comprehension."""

    source: "Value | None"
    """What was gone through."""
    filtered: bool
    """Whether its elements are some of those gone through."""


Form = (
    Constant | Opaque | Called | Measured | Length | Computed | Compared | Joined | Negated | Quantified
    | Ordered | Picked | Element | Tally | Gathered
)  # fmt: skip

CONSTANT = Constant()

_MAX_WEIGHT = 2_000


@dataclass(eq=False, slots=True)
class Value:
    """`data` is a number, text, patch, segment or function, a list or dict of values, None, or `UNKNOWN`."""

    data: Any
    form: Form = field(default=CONSTANT)
    deps: frozenset[int] = NOTHING
    """Indices of the steps that it stands on."""
    weight: int = field(default=1, init=False)
    """How many values its form is made of, counted as often as they occur."""

    def __post_init__(self) -> None:
        self.weight += sum(value.weight for value in parts_of(self.form))
        if self.weight > _MAX_WEIGHT:
            # Whoever goes through a form must come to an end: `x = x + x` doubles it every time.
            self.form, self.weight = Opaque(""), 1

    def on(self, more: frozenset[int]) -> "Value":
        """The same value, standing on more steps."""
        return self if more <= self.deps else Value(self.data, self.form, self.deps | more)

    @property
    def known(self) -> bool:
        return self.data is not UNKNOWN


def parts_of(form: Form) -> "tuple[Value, ...]":
    """The values that a form is made of."""
    match form:
        case Computed(operands=parts) | Joined(operands=parts) | Opaque(parts=parts):
            return parts
        case Measured(of=of) | Length(of=of) | Negated(of=of) | Quantified(of=of) | Element(of=of):
            return (of,)
        case Compared(left=left, right=right):
            return left, right
        case Ordered(source=source, keys=keys):
            return source, *(keys or ())
        case Picked(source=source, key=key):
            return (source,) if key is None else (source, key)
        case Tally(of=of) | Gathered(source=of):
            return () if of is None else (of,)
        case _:
            return ()


Variables = MutableMapping[str, Value]


def deps_of(values: Sequence[Value]) -> frozenset[int]:
    return NOTHING.union(*(value.deps for value in values))


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None if it is not known."""
    return bool(value.data) if value.known else None


def hashable(key: Any) -> bool:
    """Whether something can be the key of a dict."""
    return isinstance(key, str | int | float | bool | Patch | None)


def from_json(value: Any, deps: frozenset[int] = NOTHING, form: Form = CONSTANT) -> Value:
    """A value as a trace shows it. What the trace cut short, or shows by its type alone, is not known."""
    result = Value(UNKNOWN, form, deps)
    match value:
        case {"image": int(image), "box": [x1, y1, x2, y2]}:
            category, confidence = value.get("category", ""), value.get("confidence", 1.0)
            result.data = Patch(image, (x1, y1, x2, y2), category, confidence)
        case [*_, str(last)] if _CUT.fullmatch(last):
            pass
        case list():
            items: list[Any] = value
            result.data = [from_json(item, deps, Element(result)) for item in items]
        case dict() if "…" not in value:
            result.data = {key: from_json(item, deps) for key, item in value.items()}
        case dict():
            pass
        case str() if _TYPE_ONLY.fullmatch(value) or (value.endswith("…") and len(value) > 15):
            pass
        case _:
            result.data = value
    return result


_CUT = re.compile(r"… \d+ more")
_TYPE_ONLY = re.compile(r"<\w+>")


def same(value: Value, json: Any) -> bool:
    """Whether a computed value is the one that the trace shows."""
    match value.data, json:
        case Patch(image, box), {"image": other, "box": other_box}:
            return image == other and list(box) == list(other_box)
        case list(), list():
            items: list[Value] = value.data
            return len(items) == len(json) and all(map(same, items, json))
        case dict(), dict():
            return len(value.data) == len(json)
        case float(), str():
            return str(value.data) == json  # inf and nan
        case (float(), int() | float()) | (int(), float()):
            return abs(value.data - json) <= 1e-9 * max(1.0, abs(json))
        case ((Function() | Builtin() | Segment()), _):
            return isinstance(json, str)
        case _:
            return value.data == json and isinstance(value.data, bool) == isinstance(json, bool)
