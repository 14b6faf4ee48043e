"""A question's records → the row of the list and the page of the question, as compact JSON."""

import math
from collections.abc import Mapping
from typing import Any, Literal

from vpd.records import Candidate, Example, Execution, Status, Step, Verdict
from vpd.reporting.chunks import Place
from vpd.reporting.pictures import Picture
from vpd.reporting.rationales import rationale_page, trajectory_page
from vpd.reporting.summary import QuestionRows
from vpd.reporting.values import arguments, box, shown, visible

VerdictName = Literal["correct", "incorrect", "unlabelled", "unjudged"]


def verdict_name(verdict: Verdict | None) -> VerdictName:
    if verdict is None:
        return "unjudged"
    if verdict.correct is None:
        return "unlabelled"
    return "correct" if verdict.correct else "incorrect"


def status_name(execution: Execution | None) -> Status | Literal["not_run"]:
    return execution.status if execution else "not_run"


def programs(rows: QuestionRows) -> list[tuple[Candidate, Execution | None, Verdict | None]]:
    """Each candidate, in the order of its index, with what happened to it."""
    executions = {execution.index: execution for execution in rows.executions}
    verdicts = {verdict.index: verdict for verdict in rows.verdicts}
    return [
        (candidate, executions.get(candidate.index), verdicts.get(candidate.index))
        for candidate in sorted(rows.candidates, key=lambda candidate: candidate.index)
    ]


def disagreeing(rows: QuestionRows) -> bool:
    """Whether two programs returned answers that differ by more than case."""
    answers = {
        (execution.answer or "").strip().casefold()
        for execution in rows.executions
        if execution.status == "ok"
    }
    return len(answers) > 1


def list_row(rows: QuestionRows, pictures: Mapping[str, Picture], place: Place) -> list[Any]:
    """What the list of questions shows and filters by; `assets/list.js` reads it by position."""
    example = rows.example
    first = pictures[example.images[0].sha256].name if example.images else None
    return [
        *place,
        _short(example.id, 120),
        _short(example.question, 400),
        _short(" · ".join(example.answers), 120),
        example.answer_type,
        visible(example.source),
        first,
        len(example.images),
        disagreeing(rows),
        [
            [
                status_name(execution),
                verdict_name(verdict),
                _short((execution and execution.answer) or "", 60),
                _mark(verdict),
            ]
            for _, execution, verdict in programs(rows)
        ],
    ]


def question_page(rows: QuestionRows, pictures: Mapping[str, Picture]) -> dict[str, Any]:
    """Everything the page of one question shows; `assets/question.js` reads it."""
    example = rows.example
    return {
        "id": visible(example.id),
        "question": visible(example.question),
        "answers": [visible(answer) for answer in example.answers],
        "choices": [visible(choice) for choice in example.choices],
        "type": example.answer_type,
        "source": visible(example.source),
        "video": example.video,
        "problem": example.problem and visible(example.problem),
        "images": _images(example, pictures),
        "programs": [_program(*each) | _learned(rows, each[0].index) for each in programs(rows)],
    }


def _learned(rows: QuestionRows, index: int) -> dict[str, Any]:
    """What was made of a program to learn from; most programs have nothing."""
    page: dict[str, Any] = {}
    for rationale in rows.rationales:
        if rationale.index == index:
            page["rationale"] = rationale_page(rationale)
    if "rationale" in page:
        # Trajectories are made of the program that has a rationale.
        page["trajectories"] = [
            trajectory_page(row, rows.example) for row in rows.trained if row.task == "trajectory"
        ]
        page["learned"] = [row.task for row in rows.trained]
    return page


def _images(example: Example, pictures: Mapping[str, Picture]) -> list[dict[str, Any]]:
    return [
        {
            "picture": pictures[image.sha256].name,
            "problem": pictures[image.sha256].problem,
            "path": visible(image.path),
            "width": image.width,
            "height": image.height,
        }
        for image in example.images
    ]


def _program(candidate: Candidate, execution: Execution | None, verdict: Verdict | None) -> dict[str, Any]:
    page: dict[str, Any] = {
        "index": candidate.index,
        "program": visible(candidate.program),
        "problem": candidate.problem and visible(candidate.problem),
        "notes": _notes(candidate),
        "status": status_name(execution),
        "verdict": verdict_name(verdict),
        "mark": _mark(verdict),
    }
    if execution:
        error = execution.error
        page["answer"] = None if execution.answer is None else visible(execution.answer)
        page["error"] = error and [visible(error.type), visible(error.message), error.line]
        page["steps"] = [_step(step) for step in execution.steps]
        page["dropped"] = execution.steps_dropped
    if verdict:
        page["score"] = _number(verdict.score)
        page["reason"] = visible(verdict.reason)
        page["evidence"] = _evidence(verdict)
    return page


def _step(step: Step) -> dict[str, Any]:
    """Keys without a value are left out: most steps have few, and there are many steps."""
    page: dict[str, Any] = {
        "kind": step.kind,
        "line": step.line,
        "expression": visible(step.expression),
        "name": visible((step.tool if step.kind == "call" else step.name) or ""),
        "image": step.image,
        "region": box(step.region) if step.region else None,
        "error": step.error and visible(step.error),
    }
    if step.kind == "call":
        page["arguments"] = arguments(step.arguments, step.image)
        page["result"] = None if step.error else shown(step.result, step.image)
    else:
        page["result"] = shown(step.value, step.image)
    return {key: value for key, value in page.items() if value not in (None, "")}


def _notes(candidate: Candidate) -> list[list[str]]:
    """Where a program came from, as names and values."""
    notes: list[list[str]] = []
    if candidate.model:
        notes.append(["model", visible(candidate.model)])
    if candidate.round > 1:
        notes.append(["round", str(candidate.round)])
    if candidate.weight > 1:
        notes.append(["samples with this program", str(candidate.weight)])
    if (log_probability := _number(candidate.log_probability)) is not None:
        notes.append(["log-probability", log_probability])
    if tokens := candidate.usage.completion_tokens:
        notes.append(["tokens read, written", f"{candidate.usage.prompt_tokens:,}, {tokens:,}"])
    return notes


def _evidence(verdict: Verdict) -> list[list[Any]]:
    """Evidence by kind, as names and values."""
    if verdict.evidence is None:
        return []
    if not isinstance(verdict.evidence, dict):
        return [["evidence", shown(verdict.evidence)]]
    return [[visible(name), shown(value)] for name, value in verdict.evidence.items()]


def _mark(verdict: Verdict | None) -> Literal["", "kept", "selected"]:
    if verdict and verdict.selected:
        return "selected"
    return "kept" if verdict and verdict.kept else ""


def _number(value: float | None) -> str | None:
    return None if value is None or math.isnan(value) else f"{value:.4g}"


def _short(text: str, length: int) -> str:
    return visible(text if len(text) <= length else text[: length - 1] + "…")
