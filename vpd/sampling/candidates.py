"""From a round's replies to the candidates of a question: every reply is counted, equal programs are one."""

import math
from collections.abc import Iterable, Sequence

from vpd.language_models.errors import (
    ContextLengthError,
    EmptyReplyError,
    InvalidRequestError,
    RefusalError,
    RowError,
)
from vpd.language_models.protocol import Completion
from vpd.records import Candidate, Problem, Usage
from vpd.sampling.deduplication import normal_form
from vpd.sampling.reply import read_reply

_PROBLEMS: dict[type[RowError], Problem] = {
    ContextLengthError: "context_length",
    EmptyReplyError: "empty_reply",
    InvalidRequestError: "invalid_request",
    RefusalError: "refusal",
}


def from_reply(blank: Candidate, reply: Completion) -> Candidate:
    """The candidate in a reply; `blank` has what does not depend on it."""
    values = {"usage": reply.usage, "log_probability": reply.log_probability}
    if reply.problem is not None:
        return from_error(blank.model_copy(update=values), reply.problem)
    found = read_reply(reply.text, reply.finish_reason)
    if found.problem is not None:
        values |= {"problem": found.problem, "problem_type": "no_program"}
    return blank.model_copy(update={**values, "program": found.program})


def from_error(blank: Candidate, error: RowError) -> Candidate:
    """What stands for replies that cannot be had."""
    return blank.model_copy(
        update={"problem": str(error), "problem_type": _PROBLEMS.get(type(error), "no_reply")}
    )


def distinct(drawn: Iterable[Candidate], before: Sequence[Candidate]) -> list[Candidate]:
    """Equal programs become one, the likeliest of them, which counts them as its weight.

    A program that an earlier round has drawn becomes a candidate with a problem, so that its cost stays on the
    books. Indices go on from those before.
    """
    known = {normal_form(each.program): each.index for each in reversed(before) if each.problem is None}
    kept: dict[str, Candidate] = {}
    for position, candidate in enumerate(drawn):
        # Replies without a program have nothing in common.
        form = normal_form(candidate.program) if candidate.problem is None else f"problem {position}"
        kept[form] = _merged(kept[form], candidate) if form in kept else candidate
    found = [_repeated(each, known[form]) if form in known else each for form, each in kept.items()]
    return [each.model_copy(update={"index": len(before) + i}) for i, each in enumerate(found)]


def _repeated(candidate: Candidate, index: int) -> Candidate:
    return candidate.model_copy(
        update={
            "program": "",
            "problem": f"the model wrote the same program as candidate {index}",
            "problem_type": "duplicate",
        }
    )


def _merged(first: Candidate, second: Candidate) -> Candidate:
    better = max(first, second, key=_likelihood)
    return better.model_copy(
        update={"weight": first.weight + second.weight, "usage": _sum(first.usage, second.usage)}
    )


def _likelihood(candidate: Candidate) -> float:
    return -math.inf if candidate.log_probability is None else candidate.log_probability


def _sum(first: Usage, second: Usage) -> Usage:
    return Usage(**{name: getattr(first, name) + getattr(second, name) for name in Usage.model_fields})
