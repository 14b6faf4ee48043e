"""When a mention in a rationale is one that the facts allow."""

import re
from collections.abc import Sequence

from vpd.distillation.check.lexicon import MEASURES
from vpd.distillation.check.mentions import SOME, Atom

_EXACTLY = Atom("comparison", "==")


def embeds(
    mentions: Sequence[frozenset[Atom]],
    allowed: Sequence[frozenset[Atom]],
    negative: bool,
    negations: Sequence[int],
) -> bool:
    """Whether all mentions stand among the allowed ones, in order, with nothing between them, and as negative."""
    size = len(mentions)
    return any(
        negative
        == (
            sum(start <= place < start + size or place == start + size == len(allowed) for place in negations)
            % 2
            == 1
        )
        and all(map(_part_of, mentions, allowed[start : start + size]))
        for start in range(len(allowed) - size + 1)
    )


def _part_of(mention: frozenset[Atom], allowed: frozenset[Atom]) -> bool:
    """Whether a mention is the allowed one, or leaves out only what does not change what is said."""
    if not all(atom in allowed or any(_means(atom, other) for other in allowed) for atom in mention):
        return False
    counted = any(atom.kind == "number" for atom in mention)
    if (
        counted
        and not any(atom.kind == "word" for atom in mention)
        and any(atom.kind == "word" for atom in allowed)
    ):
        return False  # a number that counts something else
    if counted and sum(atom.kind == "number" for atom in allowed) > sum(
        atom.kind == "number" for atom in mention
    ):
        return False  # `three of five` is not three
    said = any(atom.kind == "word" for atom in mention)
    return all(atom in mention or not _changes(atom, counted, said) for atom in allowed)


def named(mention: frozenset[Atom]) -> bool:
    return any(atom.kind == "word" for atom in mention)


def repeats(item: frozenset[Atom], other: frozenset[Atom]) -> bool:
    """Whether two items of a list are the same one, or the same with `no` and with a number."""
    picks = [{atom for atom in each if atom.kind == "pick"} for each in (item, other)]
    words = [{atom for atom in each if atom.kind == "word"} for each in (item, other)]
    numbers = [
        {atom.value for atom in each if atom.kind == "number" or atom == SOME} for each in (item, other)
    ]
    quantified = any(atom.kind == "quantifier" and atom != SOME for atom in item | other)
    if picks[0] != picks[1] or quantified:
        return False
    if picks[0] and not numbers[0]:
        return words[0] <= words[1] or words[1] <= words[0]
    named = any(atom.value not in MEASURES for atom in words[0])
    return (
        named
        and words[0] == words[1]
        and bool(numbers[0])
        and (numbers[0] == numbers[1] or 0.0 in numbers[0] | numbers[1])
    )


def _changes(atom: Atom, counted: bool, named: bool) -> bool:
    """Whether leaving out a part of a mention changes what is said: `none of`, `no`, `at least` before a number.

    Three red cubes are not all the cubes there are, but a red cube is a cube.
    """
    match atom.kind:
        case "quantifier":
            return atom != SOME
        case "number":
            return atom.value == 0
        case "comparison":
            return counted and atom.value != "=="
        case "word":
            return counted and named
        case _:
            return False


def _means(atom: Atom, other: Atom) -> bool:
    """Whether a number is the other one, rounded, or a quotation part of the other one."""
    if atom == SOME:
        return other.kind == "number" and float(other.value) > 0
    if atom == _EXACTLY:
        return other.kind == "number"
    if atom.kind != other.kind:
        return False
    if atom.kind == "number":
        return round(float(other.value), atom.digits) == atom.value
    return atom.kind == "quote" and quotes(str(atom.value), str(other.value))


def quotes(part: str, whole: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", whole) is not None if part else True
