"""Verdicts in words: how a program ended, and what speaks against it or for it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from vpd.records import Execution, Status
from vpd.verification.agreement import Standing
from vpd.verification.features import (
    KINDS,
    Case,
    changes_without_cause,
    gives_way,
    hangs_on_nothing,
    is_constant,
    judged_alike,
    judged_elsewhere,
    strangeness,
)
from vpd.verification.relevance import attributes
from vpd.verification.survey import Survey
from vpd.verification.worlds import FLIP, MIRROR

_ENDED: dict[Status, str] = {
    "ok": "It ran to its end",
    "rejected": "It did not run, because the static check refused it",
    "unsupported": "It did not run, because the sandbox's interpreter lacks something it needs",
    "error": "It stopped with an error",
    "timeout": "It ran out of time",
    "memory": "It ran out of memory",
    "tool_error": "A tool that it called did not answer",
    "no_answer": "It ended without an answer",
    "violation": "It was stopped, because it attempted what no program may do",
}
_PLAIN = frozenset({"ToolFailure", "NoAnswer", "NoProgram", "UnreadableInput", "TimeoutError"})
"""Kinds of error of which the message says all."""

_AXES = {
    "axis:horizontal": "left and right",
    "axis:vertical": "above and below",
    "axis:depth": "depth",
    "axis:size": "size",
    "axis:extreme": "the one that stands out among several",
}
_EXCHANGED = "when {} are exchanged, of which the question says nothing"
_SHOWN = 3
_LUCKY = 0.3


class Doubt(NamedTuple):
    """Something that speaks against a program."""

    kind: str
    """Of evidence: one of `features.KINDS`."""
    feature: str
    text: str


def failure(execution: Execution) -> str:
    """How a program ended that gave no answer."""
    error = execution.error
    ended = _ENDED[execution.status]
    if error is None:
        return f"{ended}."
    if error.type == "NoProgram":
        ended = "There was no program to run"
    where = f" on line {error.line}" if error.line else ""
    kind = "" if error.type in _PLAIN or "-" in error.type else f"{error.type}: "
    return f"{ended}{where}: {kind}{error.message.rstrip('.')}."


def doubts(case: Case, standing: Standing, survey: Survey) -> list[Doubt]:
    """Everything that speaks against a program that answered."""
    kind_of = {name: kind for kind, names in KINDS.items() for name in names}
    found = (*_runs(case), *_words(case, survey), *_others(case, standing, survey))
    return [Doubt(kind_of[name], name, text) for name, text in found]


def _runs(case: Case) -> Iterator[tuple[str, str]]:
    """What running it again has shown."""
    if hangs_on_nothing(case):
        yield "blind", "its answer hangs on nothing that a tool told it"
    elif terms := case.idle_terms:
        yield "idle terms", f"nothing hangs on what it finds of {_quoted(terms)}"
    if case.evidence.worlds is None:
        yield "untested", "it could not be run again to see what its answer hangs on"
    if changes_without_cause(case, MIRROR):
        yield "mirror matters", f"its answer changes {_EXCHANGED.format('left and right')}"
    if changes_without_cause(case, FLIP):
        yield "height matters", f"its answer changes {_EXCHANGED.format('top and bottom')}"
    if gives_way(case):
        yield "perturbed", "its answer changes with the image in a way that the question gives no reason for"
    right, wrong = judged_elsewhere(case)
    if wrong:
        yield (
            "right elsewhere",
            f"it is wrong about {wrong} of {right + wrong} other images with the same question",
        )
    if is_constant(case):
        yield "constant", "it gives the same answer about other images, whatever they show"


def _words(case: Case, survey: Survey) -> Iterator[tuple[str, str]]:
    """What it looks for, against what the question speaks of."""
    relevance = case.relevance
    if missing := [term for term in relevance.missing if survey.looked_for(term) >= 0.5]:
        name = "missing attributes" if attributes(missing) else "missing"
        yield name, f"it never looks for {_quoted(missing)}"
    if foreign := [term for term in relevance.foreign if strangeness(case, survey, term) >= 0.5]:
        yield "foreign", f"it looks for {_quoted(foreign)}, of which the question says nothing"
    if relevance.wrong_sides:
        yield "wrong sides", "it compares positions the other way round than the question"
    if relevance.verbatim:
        yield "verbatim", "it hands the whole question to a model and computes nothing itself"
    if relevance.unbound:
        yield "unbound", f"it does not look for {_quoted(relevance.unbound)}, but leaves out what kind"
    if relevance.corrected:
        yield "corrected", "it corrects a count by a number of which the question says nothing"
    if relevance.repeated:
        yield "repeated", "it names an option twice where a model is to choose one"
    if lacking := survey.withheld(case.example.source, relevance.offered):
        yield "withheld", f"{_quoted(lacking)} is not among the options that it lets a model choose from"
    if relevance.off_choice:
        yield "off choice", "it may return a text that is none of the choices"


def _others(case: Case, standing: Standing, survey: Survey) -> Iterator[tuple[str, str]]:
    """What other programs say, and how much the answer is worth."""
    right, wrong = judged_alike(case, survey)
    if wrong > right:
        yield (
            "precedent",
            f"programs built like it are wrong about {wrong} of {right + wrong} other questions",
        )
    if standing.here < 0:
        yield "agreement", "the other programs for this question mostly answer otherwise"
    if standing.otherwise < 0:
        yield "agreement otherwise", "the other programs contradict it where things stand differently"
    luck = survey.chance(case.example, case.execution.answer or "").luck
    if luck >= _LUCKY:
        yield "luck", f"a guess would give this answer in {100 * luck:.0f} of 100 cases"


def weightiest(found: Iterable[Doubt], contributions: Mapping[str, float]) -> str:
    """The doubts that lower the score most, as the end of a sentence; '' if none does."""
    lowering = [doubt for doubt in found if contributions.get(doubt.feature, 0.0) < 0]
    lowering.sort(key=lambda doubt: contributions[doubt.feature])
    return "; ".join(doubt.text for doubt in lowering[:_SHOWN])


def _quoted(terms: Iterable[str]) -> str:
    names = [_AXES.get(term, f'"{term}"') for term in sorted(terms)]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
