"""From evidence to the numbers that the score is made of, by kind of evidence."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from vpd.records import Candidate, Evidence, Example, Execution, Step
from vpd.verification.agreement import Standing, answer_key
from vpd.verification.answers import match
from vpd.verification.relevance import Relevance, asked_terms, attributes, from_json
from vpd.verification.survey import Chance, Survey, log_odds
from vpd.verification.terms import axes, terms
from vpd.verification.worlds import FLIP, MIRROR

KINDS: dict[str, tuple[str, ...]] = {
    "ablation": ("blind", "idle", "idle terms", "untested"),
    "constancy": ("right elsewhere", "constant"),
    "perturbation": ("mirror matters", "height matters", "perturbed"),
    "relevance": (
        "missing",
        "missing attributes",
        "foreign",
        "foreign attributes",
        "wrong sides",
        "verbatim",
        "corrected",
        "withheld",
        "repeated",
        "unbound",
        "off choice",
    ),
    "precedent": ("precedent",),
    "agreement": ("agreement", "agreement otherwise"),
    "chance": ("luck", "prior"),
}
"""The features by kind of evidence."""

FEATURES = tuple(name for names in KINDS.values() for name in names)


@dataclass(frozen=True, eq=False)
class Case:
    """All that is known of a candidate that answered. What is read off it is read once."""

    example: Example
    candidate: Candidate
    execution: Execution
    evidence: Evidence
    elsewhere: Mapping[str, Example]
    """The examples that `evidence.elsewhere` names."""

    @cached_property
    def relevance(self) -> Relevance:
        return from_json(self.evidence.relevance)

    @cached_property
    def key(self) -> str:
        """Equal for answers that say what this one says."""
        return _key(self.execution.answer, self.example)

    @cached_property
    def in_worlds(self) -> dict[str, str | None]:
        """Its answers in altered worlds."""
        return _answers(self.evidence.worlds)

    @cached_property
    def about_others(self) -> dict[str, str | None]:
        """Its answers about the images of other questions."""
        return _answers(self.evidence.elsewhere)

    @cached_property
    def calls(self) -> frozenset[int]:
        """Indices of the steps that are tool calls."""
        return frozenset(i for i, step in enumerate(self.execution.steps) if step.kind == "call")

    @cached_property
    def idle_terms(self) -> frozenset[str]:
        """Terms of the question that the program looks for, and does not make use of."""
        idle = _terms(self, self.evidence.idle) & asked_terms(self.example)
        return idle - _terms(self, self.evidence.hangs_on) if idle else idle


def alone(case: Case, survey: Survey) -> dict[str, float]:
    """What a candidate says for itself: all features but those on agreement."""
    evidence, relevance, calls = case.evidence, case.relevance, case.calls
    chance: Chance = survey.chance(case.example, case.execution.answer or "")
    return {
        "blind": float(hangs_on_nothing(case)),
        "idle": len(evidence.idle) / len(calls) if calls and evidence.hangs_on else 0.0,
        "idle terms": float(min(len(case.idle_terms), 2)),
        "untested": float(evidence.worlds is None),
        "right elsewhere": _right_elsewhere(case),
        "constant": float(is_constant(case)),
        "mirror matters": float(changes_without_cause(case, MIRROR)),
        "height matters": float(changes_without_cause(case, FLIP)),
        "perturbed": float(gives_way(case)),
        "missing": min(sum(survey.looked_for(term) for term in relevance.missing), 3.0),
        "missing attributes": float(min(len(attributes(relevance.missing)), 2)),
        "foreign": min(sum(strangeness(case, survey, term) for term in relevance.foreign), 3.0),
        "foreign attributes": min(
            sum(strangeness(case, survey, term) for term in attributes(relevance.foreign)), 2.0
        ),
        "wrong sides": float(relevance.wrong_sides),
        "verbatim": float(relevance.verbatim),
        "corrected": float(relevance.corrected),
        "withheld": float(min(len(survey.withheld(case.example.source, relevance.offered)), 2)),
        "repeated": float(relevance.repeated),
        "unbound": float(min(len(relevance.unbound), 2)),
        "off choice": float(relevance.off_choice),
        "precedent": _precedent(case, survey),
        "luck": math.log(chance.luck),
        "prior": log_odds(chance.prior),
    }


def together(features: Mapping[str, float], standing: Standing) -> dict[str, float]:
    """With what the other programs say of it."""
    return {**features, "agreement": standing.here, "agreement otherwise": standing.otherwise}


def hangs_on_nothing(case: Case) -> bool:
    """Whether no change of what the tools say makes a difference to the answer."""
    told = {*case.evidence.hangs_on, *case.evidence.idle}
    return case.calls <= told and not case.evidence.hangs_on and not _varies(case)


def strangeness(case: Case, survey: Survey, term: str) -> float:
    """How far a term that the question does not have is this program's own, in [0, 1].

    What half of the programs of a source look for is what things are called there.
    """
    return max(0.0, 1 - 2 * survey.usual(case.example.source, term))


def is_constant(case: Case) -> bool:
    """Whether the program gives the same answer about every other image, of two at least."""
    return len(case.about_others) > 1 and not any(
        _differs(answer, case) for answer in case.about_others.values()
    )


def judged_elsewhere(case: Case) -> tuple[int, int]:
    """About how many other images that have the same question the program is right, and about how many wrong."""
    right = wrong = 0
    for name, answer in case.about_others.items():
        other = case.elsewhere.get(name)
        if other is not None and other.question == case.example.question and other.answers:
            correct = match(answer, other).correct
            right, wrong = right + correct, wrong + (not correct)
    return right, wrong


def changes_without_cause(case: Case, world: str) -> bool:
    """Whether the answer changes with a side that the question does not speak of."""
    asked = axes(case.example.question)
    # What stands lower is nearer, so that depth may be told by height.
    if asked & ({"horizontal"} if world == MIRROR else {"vertical", "depth"}):
        return False
    return world in case.in_worlds and _differs(case.in_worlds[world], case)


def gives_way(case: Case) -> bool:
    """Whether the tools, asked anew about a changed image, led to another answer than the change implies.

    A changed brightness and cut-off margins imply none; neither does a mirror, where the question names no side.
    """
    sided = "horizontal" in axes(case.example.question)
    perturbed = _answers(case.evidence.perturbed)
    return any(
        _differs(answer, case) for change, answer in perturbed.items() if change != "mirror" or not sided
    )


def _right_elsewhere(case: Case) -> float:
    """Log-odds; 0 where the same question is not asked about other images."""
    right, wrong = judged_elsewhere(case)
    return math.log((right + 0.5) / (wrong + 0.5))


def judged_alike(case: Case, survey: Survey) -> tuple[int, int]:
    """About how many other questions programs of the same build are right, and about how many wrong."""
    example = case.example
    correct = match(case.execution.answer, example).correct if example.answers else None
    return survey.precedents(case.relevance.build, correct)


def _precedent(case: Case, survey: Survey) -> float:
    """The log-odds that a program of this build gives the label's answer, above those of any program of the source."""
    right, wrong = judged_alike(case, survey)
    usual = survey.matched(case.example)
    share = (right + _PRECEDENTS * usual) / (right + wrong + _PRECEDENTS)
    return log_odds(min(max(share, 0.01), 0.99)) - log_odds(usual)


_PRECEDENTS = 2.0
"""How many precedents the usual share of right answers counts for."""


def _varies(case: Case) -> bool:
    """Whether the answer is ever another one, in another world or about another image."""
    return any(_differs(answer, case) for answer in (*case.in_worlds.values(), *case.about_others.values()))


def _differs(answer: str | None, case: Case) -> bool:
    return _key(answer, case.example) != case.key


def _key(answer: str | None, example: Example) -> str:
    return answer_key(answer, example)


def _answers(told: object) -> dict[str, str | None]:
    """Answers by name, as they stand in an evidence row."""
    items = told.items() if isinstance(told, dict) else ()
    return {str(name): answer if isinstance(answer, str) else None for name, answer in items}


def _terms(case: Case, steps: tuple[int, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(_step_terms(case.execution.steps[i]) for i in steps))


def _step_terms(step: Step) -> frozenset[str]:
    return terms(_as_text(step.arguments)) if step.arguments else frozenset()


_as_text = json.JSONEncoder(ensure_ascii=False).encode
