"""Facts to English without a language model: one Jinja2 template per kind of fact, varied by a seed."""

import hashlib
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from vpd.distillation.facts.models import Detected, Fact, Quantity, Thing
from vpd.distillation.facts.naming import phrase
from vpd.distillation.facts.words import ORDINAL_WORDS, article, counted, decimal, listed, number, plural
from vpd.distillation.rationale.phrases import (
    comparison,
    declarative,
    described,
    direction_predicate,
    holds_things,
    placement,
    property_predicate,
)
from vpd.distillation.rationale.quantifiers import all_of, any_of, none_of, precede, quotable
from vpd.distillation.settings import BoxStyle

Choose = Callable[[int], int]
"""From a number of alternatives to the index of one."""

Size = tuple[int, int]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # What is made is plain text, never HTML.
    return Environment(
        loader=PackageLoader("vpd.distillation.rationale"),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class Phrasing:
    """Renders single facts; what it remembers is which regions have been given with their boxes."""

    def __init__(self, choose: Choose, boxes: BoxStyle, sizes: Sequence[Size], exact: bool = False) -> None:
        """
        Args:
            choose: picks among ways to say the same.
            boxes: whether and how regions are given with their coordinates.
            sizes: widths and heights of the images.
            exact: give numbers in full, and every region with its box each time.
        """
        self._choose = choose
        self._boxes: BoxStyle = boxes
        self._sizes = sizes
        self._exact = exact
        self._placed: set[tuple[int, Any, str]] = set()
        self._scope: set[str] = set()
        self._listed: Sequence[Thing] = ()

    @property
    def points(self) -> bool:
        """Whether regions are told apart by their boxes: what is learnt from needs no counting of places then."""
        return self._boxes != "none" and not self._exact

    def after(self, listed: Sequence[Thing]) -> None:
        """Tell what the clause before has listed: it can be called `these`."""
        self._listed = listed

    def clause(self, fact: Fact) -> str:
        """The fact as a clause, without capital or full stop; the regions of its scope are taken as named."""
        return self.render(fact.kind, fact.scope, f=fact)

    def render(self, template: str, scope: Sequence[Thing], **values: Any) -> str:
        """A clause from one of the templates."""
        self._scope = {phrase(thing, set()) for thing in scope}
        return self._text(template, values)

    def _text(self, template: str, values: dict[str, Any]) -> str:
        text = _environment().get_template(f"{template}.j2").render(**values, **self._words)
        return " ".join(text.split())

    @property
    def _words(self) -> dict[str, Any]:
        return {
            "say": self._say,
            "the": self.the,
            "the_all": self._the_all,
            "just_listed": self._just_listed,
            "inside": self._inside,
            "side": self._side,
            "positions": self._positions,
            "statement": self._statement,
            "property": property_predicate,
            "direction": direction_predicate,
            "comparison": comparison,
            "placement": placement,
            "described": described,
            "declarative": declarative,
            "counted": counted,
            "plural": plural,
            "a": article,
            "number": number,
            "decimal": self._decimal,
            "decimals": self._decimals,
            "listed": listed,
            "all_of": all_of,
            "none_of": none_of,
            "any_of": any_of,
            "listed_or": self._listed_or,
            "precede": precede,
            "measured": self._measured,
            "quantity": self._quantity,
            "frame_numbers": _frame_numbers,
            "quotable": quotable,
        }

    def _say(self, *alternatives: str) -> str:
        return alternatives[self._choose(len(alternatives)) % len(alternatives)]

    def _side(self, part: str, thing: Thing) -> str:
        return f"the {part} of {self.the(thing)}" if part else self.the(thing)

    def _statement(self, fact: Fact) -> str:
        return self._text(fact.kind, {"f": fact})

    def _listed_or(self, things: Sequence[Thing]) -> str:
        return listed([self.the(thing) for thing in things], "or")

    def _decimals(self, values: Sequence[float]) -> list[str]:
        return [self._decimal(value) for value in values]

    def _quantity(self, value: float) -> str:
        return number(value) if isinstance(value, int) else self._decimal(value)

    def the(self, thing: Thing) -> str:
        """What a region is called, with its box at first mention where boxes are given, or in place of its number."""
        if self._numbered(thing):
            return f"{phrase(thing.model_copy(update={'mark': ''}), self._scope)} {self.coordinates(thing)}"
        return phrase(thing, self._scope) + self._box(thing)

    def _numbered(self, thing: Thing) -> bool:
        """Whether a box stands in place of `first` or `second`."""
        return self.points and thing.box is not None and thing.mark in ORDINAL_WORDS and not thing.tail

    def _box(self, thing: Thing) -> str:
        if self._boxes == "none" or thing.box is None:
            return ""
        # One that is picked out of several is shown again: which of them it is has just been found out.
        key = (thing.image, thing.box, thing.mark if thing.mark not in ORDINAL_WORDS else "")
        if not self._exact and key in self._placed:
            return ""
        self._placed.add(key)
        return f" {self.coordinates(thing)}"

    def coordinates(self, thing: Thing) -> str:
        """`[12, 30, 200, 150]`."""
        assert thing.box is not None
        width, height = self._sizes[thing.image] if self._boxes == "relative" else (1000, 1000)
        scaled = zip(thing.box, (width, height, width, height), strict=True)
        return f"[{', '.join(str(round(1000 * edge / side)) for edge, side in scaled)}]"

    def found(self, fact: Detected) -> str:
        """`two cats`; with boxes `cats, at [...] and [...], two cats in all`.

        What is learnt from it is written word by word: a count is easier to get right once all are listed.
        """
        if not fact.present:
            return f"no {plural(fact.noun)}"
        if fact.count is None:
            return article(fact.noun)
        positions = self._positions(fact.things)
        if fact.count > 1 and positions and not self._exact:
            return f"{plural(fact.noun)}{positions}, {counted(fact.count, fact.noun)} in all"
        return counted(fact.count, fact.noun) + positions

    def _decimal(self, value: float) -> str:
        return f"{value:.9f}".rstrip("0").rstrip(".") if self._exact else decimal(value)

    def _measured(self, quantity: Quantity) -> str:
        value = quantity.value
        if isinstance(value, str) or value is None:
            return f"“{value}”"
        unit = "pixel" if quantity.unit == "pixels" and value == 1 else quantity.unit
        return f"{self._decimal(value)} {unit}".strip()

    def _inside(self, thing: Thing | None) -> str:
        if thing is None or phrase(thing, set()) in self._scope:
            return ""
        if thing.noun == "part":
            return f" of {self.the(thing)}"
        return f" in {self.the(thing)}" if holds_things(thing) else f" where {self.the(thing)} is"

    def _positions(self, things: Sequence[Thing]) -> str:
        new = [thing for thing in things if thing.box is not None]
        if self._boxes == "none" or not new:
            return ""
        self._placed |= {(thing.image, thing.box, "") for thing in new}
        return f", at {listed([self.coordinates(thing) for thing in new])}"

    def _just_listed(self, things: Sequence[Thing]) -> bool:
        """Whether the clause before has listed these and no others."""
        just = {(thing.image, thing.box) for thing in self._listed}
        return self.points and len(just) > 1 and just == {(thing.image, thing.box) for thing in things}

    def _the_all(self, things: Sequence[Thing]) -> str:
        """`the first and third boxes`; regions that are told apart in other ways are listed in full."""
        alike = len({(thing.noun, thing.tail, thing.within) for thing in things}) == 1
        if len(things) > 1 and alike and all(map(self._numbered, things)):
            one = things[0].model_copy(update={"mark": "", "noun": plural(things[0].noun)})
            return f"{phrase(one, self._scope)} {listed([self.coordinates(thing) for thing in things])}"
        if len(things) > 1 and alike and all(thing.mark for thing in things) and self._boxes == "none":
            marks = listed([thing.mark for thing in things])
            return phrase(
                things[0].model_copy(update={"mark": marks, "noun": plural(things[0].noun)}), self._scope
            )
        return listed([self.the(thing) for thing in things])


def _frame_numbers(frames: Sequence[int]) -> list[str]:
    return [str(frame + 1) for frame in frames]


def seeded(seed: str) -> Choose:
    """Choices that depend on nothing but a text, on any machine."""
    generator = random.Random(hashlib.sha256(seed.encode()).digest())  # noqa: S311 - variety, not secrecy
    return generator.randrange
