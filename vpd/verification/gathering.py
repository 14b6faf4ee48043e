"""A question's executions → what each answer hangs on, and what each program answers where things are otherwise."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vpd.execution.entry import ProgramInputs
from vpd.execution.known import Known, known_results
from vpd.execution.reruns import Again, Reruns, Try
from vpd.records import Candidate, Evidence, Example, Execution, Json
from vpd.verification.answers import match
from vpd.verification.counterfactuals import calls, hangs_on
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
    known: Known


def asked(example: Example, candidates: Sequence[Candidate], executions: Sequence[Execution]) -> Asked:
    steps = (step for execution in executions for step in execution.steps)
    return Asked(example, candidates, executions, known_results(steps, image_sizes(example)))


async def gather(
    question: Asked, elsewhere: Mapping[str, Sequence[Asked]], reruns: Reruns, judged: bool = False
) -> list[Evidence]:
    """One row per candidate, in order.

    A candidate is run again if it may be kept: if it answered, and not otherwise than the label.

    Args:
        question: with its programs and what happened to them.
        elsewhere: by program, other questions about the images of which it can be run.
        reruns: runs programs on known results.
        judged: whether a language model will be asked about answers that the rules leave in doubt.
    """
    example = question.example
    around = worlds(question.known, terms(example.question))
    done: dict[str, Evidence] = {}
    rows: list[Evidence] = []
    for candidate, execution in zip(question.candidates, question.executions, strict=True):
        program = candidate.program
        if not _may_be_kept(example, execution, judged):
            rows.append(_textual(example, candidate, execution))
            continue
        if program not in done:
            others = elsewhere.get(program, ())
            async with reruns.program(program, _inputs(example)) as again:
                evidence = _textual(example, candidate, execution)
                done[program] = await _evidence(
                    again, evidence, execution, program, question.known, around, others
                )
        rows.append(done[program].model_copy(update={"index": candidate.index}))
    return rows


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


async def _evidence(
    again: Again,
    evidence: Evidence,
    execution: Execution,
    program: str,
    known: Known,
    around: Sequence[World],
    others: Sequence[Asked],
) -> Evidence:
    assert execution.answer is not None
    tried = calls(execution, known.sizes, looks(program).compared)
    hangs = await hangs_on(again, known, tried, execution.answer)
    if hangs is None:
        return evidence
    tables = [*(world.known for world in around), *(each.known for each in others)]
    ran = await again(tables, [Try(number) for number in range(len(tables))])
    if ran is None:
        return evidence
    names = [*(world.name for world in around), *(each.example.id for each in others)]
    answers: list[tuple[str, Json]] = [
        (name, run.answer) for name, run in zip(names, ran, strict=True) if run.known
    ]
    here = {world.name for world in around}
    return evidence.model_copy(
        update={
            "hangs_on": hangs.on,
            "idle": hangs.idle,
            "worlds": {name: answer for name, answer in answers if name in here},
            "elsewhere": {name: answer for name, answer in answers if name not in here},
        }
    )


def _inputs(example: Example) -> ProgramInputs:
    return ProgramInputs(image_sizes(example), example.question, example.choices, example.video)
