"""Worlds as a worker is told of them: calls and values by number, since most are common to all of a question."""

from collections.abc import Hashable, Sequence
from typing import Any

from vpd.execution.geometry import ProgramRegion
from vpd.execution.known import Key, Known

_KEY_LENGTH = 6
"""Method, place and as many arguments as a call has at most."""


class Numbering:
    """Numbers the calls and values of some worlds; `programs/prelude_recall.py` reads them."""

    def __init__(self) -> None:
        self._calls: dict[Key, int] = {("the sizes of the images",): 0}
        self._regions: dict[ProgramRegion, int] = {}
        self._values: dict[Hashable, int] = {}
        self._told: list[Any] = []
        self._worlds: list[list[int | None]] = []

    def add(self, known: Known) -> None:
        """Add a world."""
        calls, value = self._calls, self._value
        found = {calls.setdefault(key, len(calls)): value(result) for key, result in known.results.items()}
        found[0] = self._value(known.sizes)
        self._worlds.append([found.get(number) for number in range(len(calls))])

    def change(self, key: Key, others: Sequence[Any]) -> tuple[int, list[int]]:
        """The numbers of a call and of what else it could have been answered."""
        return self._calls.setdefault(key, len(self._calls)), [self._value(other) for other in others]

    def told(self) -> dict[str, Any]:
        """What a worker is told, by the names in its prelude; nothing may be added after this."""
        calls = len(self._calls)
        return {
            "_vpd_calls": {
                (*key, *(None,) * (_KEY_LENGTH - len(key))): number for key, number in self._calls.items()
            },
            "_vpd_regions": [tuple(region) for region in self._regions],
            "_vpd_values": self._told,
            "_vpd_worlds": [[*world, *(None,) * (calls - len(world))] for world in self._worlds],
        }

    def _value(self, value: Any) -> int:
        """Of a list of regions their numbers are told."""
        regions = self._regions
        plain = (
            [regions.setdefault(each, len(regions)) for each in value] if isinstance(value, list) else value
        )
        # True and 1 are equal.
        key = (list, *plain) if isinstance(plain, list) else (type(plain), plain)
        number = self._values.setdefault(key, len(self._told))
        if number == len(self._told):
            self._told.append(plain)
        return number
