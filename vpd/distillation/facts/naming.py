"""What each region of an image is called: `the first box`, `the topmost red cube`, `the area around the cat`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vpd.distillation.facts.models import Chosen, Thing
from vpd.distillation.facts.words import listed, ordinal, plural, singular
from vpd.distillation.replay.geometry import Size
from vpd.distillation.replay.idioms import measure_of
from vpd.distillation.replay.values import (
    Called,
    Compared,
    Computed,
    Form,
    Gathered,
    Joined,
    Measured,
    Negated,
    Opaque,
    Ordered,
    Patch,
    Picked,
    Value,
)
from vpd.records import Box

_Key = tuple[int, Box, str]


class _Scale(NamedTuple):
    """What the ends of an order are called, and where one counts from."""

    least: str
    most: str
    from_least: str
    from_most: str


_SCALES: dict[str, _Scale] = {
    **dict.fromkeys(
        ("left", "right", "horizontal_center"),
        _Scale("leftmost", "rightmost", "from the left", "from the right"),
    ),
    **dict.fromkeys(
        ("lower", "upper", "vertical_center"), _Scale("lowest", "topmost", "from the bottom", "from the top")
    ),
    "width": _Scale("narrowest", "widest", "by width, from the narrowest", "by width"),
    "height": _Scale("shortest", "tallest", "by height, from the shortest", "by height"),
    "area": _Scale("smallest", "largest", "by size, from the smallest", "by size"),
    "depth": _Scale("nearest", "farthest", "from the camera", "from the back"),
    "confidence": _Scale("least certain", "clearest", "in certainty, from the least", "in certainty"),
}


class Naming:
    """Names for the regions of one replay, learned in the order in which the program comes upon them."""

    def __init__(self, sizes: Sequence[Size], video: bool) -> None:
        self._sizes = sizes
        self._video = video
        self._things: dict[_Key, Thing] = {}
        self._nouns: dict[int, str] = {}
        self._found: dict[tuple[str, str, int], set[_Key]] = {}
        """By noun, region and image, all that a detector found there."""
        self._ranked: set[int] = set()
        self._ranks: dict[tuple[int, _Key], str] = {}
        """By sorted list, the places of elements in it that are no names: they are some of all there are."""

    def found(self, step: int, result: Value, noun: str, receiver: Value | None) -> None:
        """Name what a detector found, which it gives from left to right."""
        self._nouns[step] = noun
        items: list[Value] = result.data if isinstance(result.data, list) else []
        within = self.within(receiver)
        for place, item in enumerate(items, 1):
            if isinstance(item.data, Patch):
                mark = ordinal(place) if len(items) > 1 else ""
                self._name(item.data, Thing(noun=noun, mark=mark, within=within))
                self._found.setdefault((noun, within, item.data.image), set()).add(_key(item.data))

    def quoted(self, step: int, result: Value, receiver: Value | None) -> None:
        """Name lines of text by what they say."""
        self._nouns[step] = "line"
        items: list[Value] = result.data if isinstance(result.data, list) else []
        for item in items:
            if isinstance(item.data, Patch):
                tail = f"“{item.data.category}”"
                self._name(item.data, Thing(noun="line", tail=tail, within=self.within(receiver)))

    def within(self, receiver: Value | None) -> str:
        """The region that was searched; '' for the whole of the only image."""
        thing = self.thing(receiver) if receiver is not None else None
        whole = thing is None or (thing.box is None and not thing.mark)
        return "" if thing is None or whole else phrase(thing, set())

    def noun(self, value: Value) -> str | None:
        """What the elements of a list are, in the singular; None where they are no regions of one kind."""
        match value.form:
            case Called(step=step) if step in self._nouns:
                return self._nouns[step]
            case Gathered(source=Value() as source) | Ordered(source=source):
                return self.noun(source)
            case Opaque(source="set") if isinstance(value.data, list) and all(
                isinstance(i.data, str) for i in value.data
            ):
                return "different answer"
            case Opaque(source=source, parts=parts) if parts:
                nouns = {noun for part in parts if (noun := self.noun(part))}
                noun = _common(nouns)
                return f"pair of {plural(noun)}" if noun and source == "zip" else noun
            case _:
                pass
        items: list[Value] = value.data if isinstance(value.data, list) else []
        names = {
            self._things[_key(i.data)].noun
            for i in items
            if isinstance(i.data, Patch) and _key(i.data) in self._things
        }
        return _common(names)

    def ordered(self, value: Value) -> None:
        """Name the elements of a sorted list by their places in it."""
        form = value.form
        if id(form) in self._ranked:
            return
        self._ranked.add(id(form))
        if not isinstance(form, Ordered) or not isinstance(value.data, list) or not form.keys:
            return
        items: list[Value] = value.data
        if len(items) < 2:
            return
        for place, (item, key) in enumerate(zip(items, form.keys, strict=True)):
            self._rank(items, item, key, place, form.descending, id(form))

    def picked(self, value: Value) -> None:
        """Name what `min` or `max` with a key picked."""
        form = value.form
        if id(form) in self._ranked:
            return
        self._ranked.add(id(form))
        if isinstance(form, Picked) and form.key is not None and form.extreme is not None:
            items: list[Value] = form.source.data if isinstance(form.source.data, list) else []
            if len(items) > 1:
                self._rank(items, value, form.key, 0, form.extreme == "max", id(form))

    def chosen(self, value: Value) -> Chosen | None:
        """How a region was picked out of some of those that were found; None where its name says it."""
        form, patch = value.form, value.data
        if not isinstance(form, Picked) or not isinstance(patch, Patch):
            return None
        thing = self.thing(value)
        rank = next(
            (r for f in (form, form.source.form) if (r := self._ranks.pop((id(f), _key(patch)), None))), None
        )
        items: list[Value] = form.source.data if isinstance(form.source.data, list) else []
        among = tuple(each for item in items if (each := self.thing(item)) is not None)
        if thing is None or rank is None or len(among) < 2:
            return None
        return Chosen(thing=thing, rank=rank, among=tuple(sorted(among, key=lambda t: t.box or ())))

    def furthest(self, value: Value) -> Chosen | None:
        """Which region has the smallest or largest of several measures; None for other numbers."""
        form = value.form
        if not isinstance(form, Computed) or form.operation not in ("min", "max"):
            return None
        measured = [each for operand in form.operands if isinstance(each := measure_of(operand), Measured)]
        things = [thing for each in measured if (thing := self.thing(each.of)) is not None]
        scale = _SCALES.get(measured[0].what) if measured else None
        alike = len({each.what for each in measured}) == 1 and len(things) == len(form.operands) > 1
        if scale is None or not alike:
            return None
        first = next(i for i, operand in enumerate(form.operands) if operand.data == value.data)
        rank = scale.least if form.operation == "min" else scale.most
        return Chosen(thing=things[first], rank=rank, among=tuple(things))

    def _rank(
        self, items: Sequence[Value], item: Value, key: Value, place: int, descending: bool, form: int
    ) -> None:
        """Name an element of a sorted list by its place, if the list has all that there are of its kind."""
        thing = self.thing(item)
        if thing is None or not isinstance(item.data, Patch) or thing.box is None:
            return
        ranked = self._ranked_by(item, key, place, len(items), descending)
        if ranked is None:
            return
        known = self._found.get((thing.noun, thing.within, thing.image), set())
        if known == {_key(each.data) for each in items if isinstance(each.data, Patch)}:
            mark, tail = ranked
            self._name(item.data, thing.model_copy(update={"mark": mark, "tail": tail}))
        else:
            self._ranks[form, _key(item.data)] = " ".join(ranked).strip()

    def _ranked_by(
        self, item: Value, key: Value, place: int, count: int, descending: bool
    ) -> tuple[str, str] | None:
        """What an element of a sorted list is by its place: what stands before its noun, and after it."""
        measured = measure_of(key)
        if isinstance(measured, Computed) and measured.operation == "negative":
            measured, descending = measure_of(measured.operands[0]), not descending
        if isinstance(measured, Computed) and measured.operation == "distance":
            other = next((self.thing(o) for o in measured.operands if o.data != item.data), None)
            if other is None or place > 0:
                return None
            tail = f"{'from' if descending else 'to'} {phrase(other, set())}"
            return "farthest" if descending else "nearest", tail
        scale = _SCALES.get(measured.what) if isinstance(measured, Measured) else None
        if scale is None or not isinstance(measured, Measured) or measured.of.data != item.data:
            return None
        if 0 < place < count - 1:
            return ordinal(place + 1), scale.from_most if descending else scale.from_least
        return scale.most if descending == (place == 0) else scale.least, ""

    def best_match(self, value: Value, content: str) -> None:
        thing = self.thing(value)
        if thing is not None and isinstance(value.data, Patch) and thing.box is not None:
            self._name(
                value.data, thing.model_copy(update={"mark": "", "tail": f"that best matches “{content}”"})
            )

    def thing(self, value: Value) -> Thing | None:
        """What a region is called; None for anything else."""
        patch = value.data
        if not isinstance(patch, Patch):
            return None
        if isinstance(value.form, Picked):
            self.ordered(value.form.source)
            self.picked(value)
        known = self._things.get(_key(patch))
        if known is not None:
            return known
        if patch.box == (0, 0, *self._sizes[patch.image]):
            several = len(self._sizes) > 1
            return Thing(
                noun="frame" if self._video else "image",
                mark=ordinal(patch.image + 1) if several else "",
                image=patch.image,
            )
        if patch.category:
            return self._name(patch, Thing(noun=singular(patch.category)))
        return self._name(patch, self._part(value, patch))

    def _name(self, patch: Patch, thing: Thing) -> Thing:
        named = thing.model_copy(update={"image": patch.image, "box": patch.box})
        self._things[_key(patch)] = named
        return named

    def _part(self, value: Value, patch: Patch) -> Thing:
        """A crop: by what it was cut around, or else by where it lies in what it was cut from."""
        parts: tuple[Value, ...] = value.form.parts if isinstance(value.form, Opaque) else ()
        around: dict[str, Box] = {}
        whole_value = parts[0] if parts else value
        for edge in parts[1:]:
            for inner in patches_in(edge):
                thing = self.thing(inner)
                if thing is not None and thing.box is not None and inner.data != whole_value.data:
                    around[phrase(thing, set())] = thing.box
        if 0 < len(around) < 4:
            side = _beside(patch.box, next(iter(around.values()))) if len(around) == 1 else "around"
            return Thing(noun="area", tail=f"{side} {listed(list(around))}")
        whole = parts[0].data if parts and isinstance(parts[0].data, Patch) else None
        width, height = self._sizes[patch.image]
        box = whole.box if whole is not None else (0.0, 0.0, float(width), float(height))
        outer = self.within(parts[0]) if parts else ""
        return Thing(
            noun="part", mark=_side(patch.box, box), within=outer, tail="" if outer else "of the image"
        )


def phrase(thing: Thing, scope: "set[str]") -> str:
    """`the first square in the second box`; the region it was found in is left out where it is in `scope`."""
    words = ["the", *([thing.mark] if thing.mark else []), thing.noun, *([thing.tail] if thing.tail else [])]
    where = (
        f" {'of' if thing.noun == 'part' else 'in'} {thing.within}"
        if thing.within and thing.within not in scope
        else ""
    )
    return " ".join(words) + where


def patches_in(value: Value) -> Iterator[Value]:
    """The regions that a number was measured on."""
    form: Form = value.form
    match form:
        case Measured(of=of):
            yield of
        case Computed(operands=operands) | Joined(operands=operands) | Opaque(parts=operands):
            for operand in operands:
                yield from patches_in(operand)
        case Compared(left=left, right=right):
            yield from patches_in(left)
            yield from patches_in(right)
        case Negated(of=of):
            yield from patches_in(of)
        case _:
            if isinstance(value.data, Patch):
                yield value


def _common(nouns: set[str]) -> str | None:
    """One noun for all: `yellow object` for yellow circles and yellow squares; None for none."""
    if len(nouns) < 2:
        return next(iter(nouns), None)
    shared: list[str] = []
    for words in zip(*(noun.split(" ")[:-1] for noun in sorted(nouns)), strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    return " ".join([*shared, "object"])


def _key(patch: Patch) -> _Key:
    return patch.image, patch.box, patch.category


def _beside(box: Box, other: Box) -> str:
    """Where a box lies as seen from another: `above`, `to the left of`; `around` where they share an area."""
    if box[3] <= other[1] or box[1] >= other[3]:
        return "above" if box[3] <= other[1] else "below"
    if box[2] <= other[0] or box[0] >= other[2]:
        return "to the left of" if box[2] <= other[0] else "to the right of"
    return "around"


def _side(box: Box, whole: Box) -> str:
    """Where a box lies in another: `top`, `lower left`, ''."""
    width, height = whole[2] - whole[0], whole[3] - whole[1]
    across = (box[0] + box[2] - whole[0] - whole[2]) / (2 * width)
    along = (box[1] + box[3] - whole[1] - whole[3]) / (2 * height)
    wide, high = (box[2] - box[0]) / width > 0.9, (box[3] - box[1]) / height > 0.9
    vertical = "" if high or abs(along) < 0.1 else "upper" if along < 0 else "lower"
    horizontal = "" if wide or abs(across) < 0.1 else "left" if across < 0 else "right"
    return f"{vertical} {horizontal}".strip() or "middle"
