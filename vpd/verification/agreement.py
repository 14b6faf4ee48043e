"""The programs of a question as witnesses: how far they bear each other out, here and where things are otherwise."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from vpd.records import AnswerType, Evidence, Example, Execution
from vpd.text.phrases import phrase_key
from vpd.verification.answers import read_as

_LEAST_WEIGHT = 0.25
"""Of a witness that has seen the very same: two programs of one model are no more than that apart."""


class Witness(NamedTuple):
    """A program that answered."""

    answers: Mapping[str, str]
    """Keys of its answers by world; '' is the world as it is."""
    saw: frozenset[str]
    """The tool calls that it made."""
    credibility: float
    """In [0, 1]: how far it is to be believed by itself."""


class Standing(NamedTuple):
    """What the others say of one program's answers: log-odds, 0 where nobody says anything."""

    here: float
    """Of its answer about the image as it is."""
    otherwise: float
    """Of its answers in altered worlds and about other images, where something happens: the least of these, since
    one world in which the others contradict it is enough to tell two programs apart."""


def witness(example: Example, execution: Execution, evidence: Evidence, credibility: float) -> Witness:
    """Raises nothing: an execution without an answer bears witness to nothing."""
    answers = {"": answer_key(execution.answer, example)} if execution.answer is not None else {}
    for source in (evidence.worlds, evidence.elsewhere):
        if isinstance(source, dict):
            answers |= {
                name: answer_key(answer if isinstance(answer, str) else None, example)
                for name, answer in source.items()
            }
    return Witness(answers, saw(execution), credibility)


def saw(execution: Execution) -> frozenset[str]:
    """The tool calls of a trace, as texts."""
    return frozenset(
        _as_text([step.tool, step.image, step.region, step.arguments])
        for step in execution.steps
        if step.kind == "call"
    )


_as_text = json.JSONEncoder(sort_keys=True).encode
"""`json.dumps`, without an encoder made for each call."""


def answer_key(answer: str | None, example: Example) -> str:
    """Equal for answers that say the same; '' for none."""
    return "" if answer is None else _key(answer, example.answer_type, example.choices)


@lru_cache(maxsize=4096)
def _key(answer: str, answer_type: AnswerType, choices: tuple[str, ...]) -> str:
    found = read_as(answer, answer_type, choices)
    return phrase_key(answer) if found is None else str(found)


def standing(witnesses: Sequence[Witness], index: int) -> Standing:
    """How one witness stands among the others.

    Each other one counts as much as it is to be believed, and the more the more different its calls were: what
    two programs conclude from the same call, they do not conclude independently. In another world two witnesses
    say something of each other only if the answer of one of them differs from its answer in this one, or the two
    differ.
    """
    mine = witnesses[index]
    votes: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for number, other in enumerate(witnesses):
        if number == index:
            continue
        weight = other.credibility * (_LEAST_WEIGHT + (1 - _LEAST_WEIGHT) * _distance(mine.saw, other.saw))
        for world in mine.answers.keys() & other.answers.keys():
            differ = mine.answers[world] != other.answers[world]
            if (
                not world
                or differ
                or mine.answers[world] != mine.answers.get("")
                or other.answers[world] != other.answers.get("")
            ):
                votes[world][differ] += weight
    here = votes.pop("", [0.0, 0.0])
    return Standing(_log_odds(*here), min((_log_odds(*vote) for vote in votes.values()), default=0.0))


def _distance(a: frozenset[str], b: frozenset[str]) -> float:
    """Jaccard distance."""
    return 1 - len(a & b) / len(a | b) if a or b else 0.0


def _log_odds(support: float, opposition: float) -> float:
    return math.log((support + 0.5) / (opposition + 0.5))
