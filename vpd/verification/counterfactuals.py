"""What else a tool could have answered, and which calls a program's answer hangs on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, cast

from vpd.execution.geometry import ProgramRegion
from vpd.execution.known import NOTHING, Called, Key, Place
from vpd.execution.reruns import Change, Outcomes
from vpd.text.number_words import read_cardinal
from vpd.text.yes_no import read_yes_no

MOST_CALLS = 32
"""Calls of one program that are tried; of those after them nothing is told."""

_MOST_TEXTS = 4


class Call(NamedTuple):
    """A call of a trace, and what else could have been answered."""

    steps: tuple[int, ...]
    """Where it stands in the trace: the same call again is the same result again."""
    site: tuple[int, str]
    """Line and expression."""
    key: Key
    others: tuple[Any, ...]


class Hangs(NamedTuple):
    """Steps by whether the answer hangs on their result."""

    on: tuple[int, ...]
    idle: tuple[int, ...]


def calls(trace: Sequence[Called], compared: Sequence[str]) -> list[Call]:
    """The calls of a trace that can be tried, each once.

    Args:
        trace: its calls.
        compared: strings that the program compares values with: a text is changed to one of them.
    """
    steps: defaultdict[Key, list[int]] = defaultdict(list)
    found: dict[Key, Called] = {}
    for call in trace:
        steps[call.key].append(call.step)
        found.setdefault(call.key, call)
    said = [call.result for call in found.values() if isinstance(call.result, str)]
    texts = list(dict.fromkeys([*compared, *said]))
    return [
        Call(tuple(steps[key]), call.site, key, tuple(_others(key, call.result, texts)))
        for key, call in islice(found.items(), MOST_CALLS)
    ]


def _others(key: Key, result: Any, texts: Iterable[str]) -> Iterator[Any]:
    match result:
        case list():
            if result:
                yield NOTHING
            if key[1] is not None:
                yield _several(cast("Place", key[1]), str(key[2] or ""))
        case bool():
            yield not result
        case int() | float():
            yield -1e6
            yield 1e6
        case str():
            yield from _other_texts(key, result, texts)
        case tuple():
            yield from [place for place in key[1] if place != result][:2]
        case _:
            pass


@lru_cache(maxsize=4096)
def _several(place: Place, category: str) -> list[ProgramRegion]:
    """Three finds, from the bottom left of a region to its top right.

    Remembered, since a call is tried for each program that makes it.
    """
    image, left, lower, right, upper = place
    across, along = max((right - left) // 4, 1), max((upper - lower) // 4, 1)
    steps = [
        (0, 0),
        ((right - left - across) // 2, (upper - lower - along) // 2),
        (right - left - across, upper - lower - along),
    ]
    return [
        ProgramRegion(image, left + x, lower + y, left + x + across, lower + y + along, category, 1.0)
        for x, y in dict.fromkeys(steps)
    ]


def _other_texts(key: Key, result: str, texts: Iterable[str]) -> list[str]:
    if key[0] == "best_text_match":
        return [str(option) for option in key[2] if option != result][:_MOST_TEXTS]
    said = read_yes_no(result)
    if said is not None:
        return ["no" if said else "yes"]
    number = result.strip()
    if number.isdecimal() and len(number) < 10:
        return [str(int(number) + 1), str(max(int(number) - 1, 0))]
    cardinal = read_cardinal(result.lower().split())
    if cardinal is not None:
        return [str(cardinal.value + 1)]
    others = [text for text in texts if text.strip().lower() != result.strip().lower()]
    return [*others[: _MOST_TEXTS - 1], "something else"]


def changes(tried: Sequence[Call]) -> list[Change]:
    """What to try of the calls of a trace."""
    places = {site: number for number, site in enumerate(dict.fromkeys(call.site for call in tried))}
    return [Change(call.key, call.others, places[call.site]) for call in tried]


def hangs(tried: Sequence[Call], found: Outcomes, answer: str) -> Hangs:
    """Which calls an answer hangs on.

    It hangs on a call if another result gives another answer, or none at all. Calls of which no change makes a
    difference are changed together once more, those of one place in the program first: where that does, the answer
    hangs on all of them. What would need a call that nobody made is left open.
    """
    decisive: set[int] = set()
    idle: list[int] = []
    for number, runs in enumerate(found.changed):
        if any(run.known and run.answer != answer for run in runs):
            decisive.add(number)
        elif runs and all(run.known for run in runs):
            idle.append(number)
    for numbers, run in found.together:
        if run.known and run.answer != answer:
            decisive.update(numbers)
    return Hangs(
        on=_steps(tried[number] for number in decisive),
        idle=_steps(tried[number] for number in idle if number not in decisive),
    )


def _steps(tried: Iterable[Call]) -> tuple[int, ...]:
    return tuple(sorted(step for call in tried for step in call.steps))
