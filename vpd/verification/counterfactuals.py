"""What else a tool could have answered, and which calls a program's answer hangs on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from vpd.execution.geometry import ProgramRegion, Size
from vpd.execution.known import Key, Known, Place, call_key, call_result
from vpd.execution.reruns import Again, Try
from vpd.records import Execution, Step
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


def calls(execution: Execution, sizes: tuple[Size, ...], compared: Sequence[str]) -> list[Call]:
    """The calls of a trace that can be tried, each once.

    Args:
        execution: with its trace.
        sizes: of the example's images.
        compared: strings that the program compares values with: a text is changed to one of them.
    """
    steps: defaultdict[Key, list[int]] = defaultdict(list)
    found: dict[Key, tuple[Step, Any]] = {}
    for index, step in enumerate(execution.steps):
        if step.kind != "call" or step.error is not None:
            continue
        key, result = call_key(step, sizes), call_result(step, sizes)
        if key is not None and result is not None:
            steps[key].append(index)
            found.setdefault(key, (step, result))
    said = [result for _, result in found.values() if isinstance(result, str)]
    texts = list(dict.fromkeys([*compared, *said]))
    return [
        Call(tuple(steps[key]), (step.line, step.expression), key, tuple(_others(key, result, step, texts)))
        for key, (step, result) in list(found.items())[:MOST_CALLS]
    ]


def _others(key: Key, result: Any, step: Step, texts: Iterable[str]) -> Iterator[Any]:
    match result:
        case list():
            if result:
                yield []
            if key[1] is not None:
                yield _several(cast("Place", key[1]), str(key[2] or ""))
        case bool():
            yield not result
        case int() | float():
            yield -1e6
            yield 1e6
        case str():
            yield from _other_texts(result, step, texts)
        case tuple():
            yield from [place for place in key[1] if place != result][:2]
        case _:
            pass


def _several(place: Place, category: str) -> list[ProgramRegion]:
    """Three finds, from the bottom left of a region to its top right."""
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


def _other_texts(result: str, step: Step, texts: Iterable[str]) -> list[str]:
    options = (
        cast("Mapping[str, Any]", step.arguments).get("option_list")
        if step.tool == "best_text_match"
        else None
    )
    if isinstance(options, list):
        return [str(each) for each in cast("list[Any]", options) if each != result][:_MOST_TEXTS]
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


async def hangs_on(again: Again, known: Known, tried: Sequence[Call], answer: str) -> Hangs | None:
    """Change one result at a time, then those together of which none alone made a difference.

    The answer hangs on a call if another result gives another answer, or none at all. Calls of which no change
    makes a difference are changed together once more, those of one place in the program first: where that does,
    the answer hangs on all of them. What would need a call that nobody made is left open.

    Args:
        again: runs the program.
        known: what the tools answered.
        tried: the calls to try.
        answer: the program's answer.

    Returns:
        None where the program does not give its answer again, or exceeds its limits.
    """
    single = [(call, Try(0, {call.key: other})) for call in tried for other in call.others]
    ran = await again([known], [Try(0), *(each for _, each in single)])
    if ran is None or ran[0].answer != answer or not ran[0].known:
        return None
    changes: defaultdict[Key, list[bool | None]] = defaultdict(list)
    for (call, _), run in zip(single, ran[1:], strict=True):
        changes[call.key].append(run.answer != answer if run.known else None)
    decisive = {key for key, found in changes.items() if True in found}
    idle = [
        call
        for call in tried
        if changes[call.key] and not any(found is not False for found in changes[call.key])
    ]
    together = list(_together(idle))
    at_once = [(group, place) for group in together for place in (0, -1)]
    ran = await again([known], [Try(0, {c.key: c.others[place] for c in group}) for group, place in at_once])
    if ran is None:
        return None
    for (group, _), run in zip(at_once, ran, strict=True):
        if run.known and run.answer != answer:
            decisive |= {call.key for call in group}
    return Hangs(
        on=_steps(call for call in tried if call.key in decisive),
        idle=_steps(call for call in idle if call.key not in decisive),
    )


def _together(idle: Sequence[Call]) -> Iterator[list[Call]]:
    sites: defaultdict[tuple[int, str], list[Call]] = defaultdict(list)
    for call in idle:
        sites[call.site].append(call)
    yield from (group for group in sites.values() if len(group) > 1)
    if len(sites) > 1:
        yield list(idle)


def _steps(tried: Iterable[Call]) -> tuple[int, ...]:
    return tuple(sorted(step for call in tried for step in call.steps))
