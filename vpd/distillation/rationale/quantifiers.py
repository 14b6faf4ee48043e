"""How many of several things: `both cubes`, `none of the three cubes`, `any of the three cubes`."""

from collections.abc import Sequence

from vpd.distillation.facts.models import Thing
from vpd.distillation.facts.words import number, plural


def all_of(count: int, noun: str) -> str:
    return _of(count, noun, f"the {noun}", f"both {plural(noun)}", f"all {number(count)}")


def none_of(count: int, noun: str) -> str:
    return _of(count, noun, f"no {noun}", f"neither {noun}", f"none of the {number(count)}")


def any_of(count: int, noun: str) -> str:
    return _of(count, noun, f"the {noun}", f"either {noun}", f"any of the {number(count)}")


def _of(count: int, noun: str, one: str, two: str, several: str) -> str:
    return one if count == 1 else two if count == 2 else f"{several} {plural(noun)}"


def precede(frames: Sequence[Thing], frame: Thing) -> bool:
    """Whether these are all the frames before one, and more than one."""
    return len(frames) > 1 and [each.image for each in frames] == list(range(frame.image))


def quotable(lines: Sequence[str]) -> bool:
    """Whether a text is short enough to be quoted in full."""
    return len(lines) <= 3 and sum(map(len, lines)) <= 80
