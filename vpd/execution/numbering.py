"""Worlds as a worker is told of them: calls and values by number, since most are common to all of a question."""

from collections.abc import Hashable, Sequence
from itertools import islice
from typing import Any

from vpd.execution.geometry import ProgramRegion
from vpd.execution.known import Key, Known, Place


class Numbering:
    """Numbers the calls and values of some worlds; `programs/prelude_recall.py` reads them."""

    def __init__(self, with_exists: bool = True) -> None:
        """
        Args:
            with_exists: whether what `find` tells is told of `exists` too: half of all calls, which few programs make.
        """
        self._with_exists = with_exists
        self._calls: dict[Key, int] = {("the sizes of the images",): 0}
        self._exists: dict[int, int] = {}
        """By the number of a `find`, that of the `exists` that it answers."""
        self._regions: dict[ProgramRegion, int] = {}
        self._values: dict[Hashable, int] = {}
        self._told: list[Any] = []
        self._numbers: dict[int, int] = {}
        """Of values and regions by `id`: worlds share most of them, and to compare these takes long."""
        self._of_key: dict[int, int] = {}
        """Of calls by the `id` of their keys, likewise."""
        self._held: list[Any] = []
        """Those, kept: an `id` is one's own only while one lives."""
        self._worlds: list[list[int | None]] = []

    def add(self, known: Known) -> None:
        """Add a world."""
        self._held.append(known)
        calls, of_key, values = self._calls, self._of_key, self._numbers
        world: list[int | None] = [None] * len(calls)
        world[0] = self._value(known.sizes)
        for key, result in known.results.items():
            number = of_key.get(id(key))
            if number is None:
                number = of_key[id(key)] = calls.setdefault(key, len(calls))
                if number == len(world):
                    world.append(None)
            value = values.get(id(result))
            world[number] = self._value(result) if value is None else value
        if self._with_exists:
            self._tell_exists(known, world)
        self._worlds.append(world)

    def _tell_exists(self, known: Known, world: list[int | None]) -> None:
        """What `find` tells, as answers of `exists`."""
        for key, result in known.results.items():
            if key[0] == "find":
                number = self._of_key[id(key)]
                exists = self._exists.get(number)
                if exists is None:
                    exists = self._exists[number] = self._calls.setdefault(
                        ("exists", *key[1:]), len(self._calls)
                    )
                if exists == len(world):
                    world.append(None)
                world[exists] = self._value(bool(result))

    def change(self, key: Key, others: Sequence[Any]) -> tuple[int, list[int]]:
        """The numbers of a call and of what else it could have been answered."""
        return self._calls.setdefault(key, len(self._calls)), [self._value(other) for other in others]

    def told(self) -> tuple[Any, ...]:
        """Calls, regions, values and worlds as a worker is told of them; nothing may be added after this.

        Of the calls the numbers by place, method and arguments; an argument that is the only one by itself. Of the
        regions the columns: to hand over a tuple for each takes half as long again.
        """
        count = len(self._calls)
        calls: dict[Place | None, dict[str, dict[Hashable, int]]] = {}
        for (method, place, *rest), number in islice(self._calls.items(), 1, None):
            several = method == "best_image_match"
            arguments = (place, *rest) if several else tuple(rest)
            of_place = calls.setdefault(None if several else place, {})
            of_place.setdefault(method, {})[arguments[0] if len(arguments) == 1 else arguments] = number
        worlds = [[*world, *(None,) * (count - len(world))] for world in self._worlds]
        return calls, [list(column) for column in zip(*self._regions, strict=True)], self._told, worlds

    def _value(self, value: Any) -> int:
        """Of a list of regions their numbers are told."""
        number = self._numbers.get(id(value))
        if number is not None:
            return number
        plain = [self._region(each) for each in value] if isinstance(value, list) else value
        # True and 1 are equal.
        key = (list, *plain) if isinstance(plain, list) else (type(plain), plain)
        number = self._values.setdefault(key, len(self._told))
        if number == len(self._told):
            self._told.append(plain)
        self._numbers[id(value)] = number
        self._held.append(value)
        return number

    def _region(self, region: ProgramRegion) -> int:
        number = self._numbers.get(id(region))
        if number is None:
            number = self._numbers[id(region)] = self._regions.setdefault(region, len(self._regions))
        return number
