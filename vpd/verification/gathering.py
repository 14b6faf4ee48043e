"""A question's executions → what each answer hangs on, and what each program answers where things are otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from vpd.execution.entry import ProgramInputs
from vpd.execution.known import Called, Known, called, known_results
from vpd.execution.reruns import Outcomes, Rerun, Reruns, Study
from vpd.records import Candidate, Evidence, Example, Execution
from vpd.verification.answers import match
from vpd.verification.counterfactuals import Call, calls, changes, hangs
from vpd.verification.doubt import doubtful_references
from vpd.verification.looks import looks
from vpd.verification.relevance import relevance
from vpd.verification.terms import terms
from vpd.verification.worlds import World, worlds


class Asked(NamedTuple):
    """A question with its programs, what happened to them, and what is known of its images from that."""

    example: Example
    candidates: Sequence[Candidate]
    executions: Sequence[Execution]
    """With their calls alone as steps."""
    traces: Sequence[Sequence[Called]]
    """The calls of each."""
    known: Known


def asked(
    example: Example,
    candidates: Sequence[Candidate],
    executions: Sequence[Execution],
    places: Sequence[Sequence[int]],
) -> Asked:
    """
    Args:
        example: the question.
        candidates: its programs.
        executions: what happened to them, with their calls alone as steps.
        places: where in its trace each of these stands.
    """
    sizes = image_sizes(example)
    traces = [called(execution.steps, sizes, of) for execution, of in zip(executions, places, strict=True)]
    known = known_results((call for trace in traces for call in trace), sizes)
    return Asked(example, candidates, executions, traces, known)


class Gathered(NamedTuple):
    """The evidence on a question."""

    rows: list[Evidence]
    """One per candidate, in order."""
    lasting: bool
    """Whether it would come out the same again: no program exceeded its limits, of which one is time."""


async def gather(
    question: Asked, elsewhere: Mapping[str, Sequence[Asked]], reruns: Reruns, judged: bool = False
) -> Gathered:
    """Look into the candidates of a question.

    A candidate is run again if it may be kept: if it answered, and not otherwise than the label.

    Args:
        question: with its programs and what happened to them.
        elsewhere: by program, other questions about the images of which it can be run.
        reruns: runs programs on known results.
        judged: whether a language model will be asked about answers that the rules leave in doubt.
    """
    example = question.example
    rows = [
        _textual(example, candidate, execution)
        for candidate, execution in zip(question.candidates, question.executions, strict=True)
    ]
    may_be_kept = [
        number
        for number, execution in enumerate(question.executions)
        if _may_be_kept(example, execution, judged)
    ]
    if not may_be_kept:
        return Gathered(rows, True)
    # The same program again hangs on the same.
    number_of = {question.candidates[number].program: number for number in reversed(may_be_kept)}
    around = worlds(question.known, terms(example.question))
    places = _Places(question.known, around)
    studied = [
        _study(program, question.traces[number], places, elsewhere.get(program, ()))
        for program, number in number_of.items()
    ]
    outcomes = await reruns.look_into(_inputs(example), places.tables, [study for study, _ in studied])
    found = {
        study.program: _found(question.executions[number_of[study.program]], study, tried, outcome, places)
        for (study, tried), outcome in zip(studied, outcomes, strict=True)
    }
    for number in may_be_kept:
        rows[number] = rows[number].model_copy(update=found[question.candidates[number].program])
    return Gathered(rows, None not in outcomes)


def _textual(example: Example, candidate: Candidate, execution: Execution) -> Evidence:
    """What can be said without running anything."""
    told = relevance(candidate.program, example).as_json() if execution.status == "ok" else None
    return Evidence(example_id=example.id, index=candidate.index, relevance=told)


def _may_be_kept(example: Example, execution: Execution, judged: bool) -> bool:
    """Whether a candidate answered, and not otherwise than the label as far as the rules can tell."""
    if execution.status != "ok":
        return False
    if not example.answers or match(execution.answer, example).correct:
        return True
    return judged and bool(doubtful_references(execution.answer, example))


def image_sizes(example: Example) -> tuple[tuple[int, int], ...]:
    return tuple((image.width, image.height) for image in example.images)


class _Places:
    """The worlds that programs of a question can be asked about: as it is, altered, and on other images."""

    def __init__(self, known: Known, around: Sequence[World]) -> None:
        self.tables = [known, *(world.known for world in around)]
        self.names = ["", *(world.name for world in around)]
        self.here = range(1, len(self.tables))
        self._numbers: dict[str, int] = {}

    def elsewhere(self, other: Asked) -> int:
        """The number of another question's images."""
        name = other.example.id
        if name not in self._numbers:
            self._numbers[name] = len(self.tables)
            self.tables.append(other.known)
            self.names.append(name)
        return self._numbers[name]


def _study(
    program: str, trace: Sequence[Called], places: _Places, others: Sequence[Asked]
) -> tuple[Study, list[Call]]:
    tried = calls(trace, looks(program).compared)
    return Study(program, changes(tried), [*places.here, *map(places.elsewhere, others)]), tried


def _found(
    execution: Execution, study: Study, tried: Sequence[Call], outcomes: Outcomes | None, places: _Places
) -> dict[str, Any]:
    """What running a program again has shown; nothing where it does not give its answer again."""
    answer = execution.answer
    if outcomes is None or answer is None or outcomes.base != Rerun(answer, True):
        return {}
    answers = [
        (number, run.answer)
        for number, run in zip(study.tables, outcomes.elsewhere, strict=True)
        if run.known
    ]
    hung = hangs(tried, outcomes, answer)
    return {
        "hangs_on": hung.on,
        "idle": hung.idle,
        "worlds": {places.names[n]: told for n, told in answers if n in places.here},
        "elsewhere": {places.names[n]: told for n, told in answers if n not in places.here},
    }


def _inputs(example: Example) -> ProgramInputs:
    return ProgramInputs(image_sizes(example), example.question, example.choices, example.video)
