"""Whether a program's answer is the label's, by the rules of the answer's type."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from vpd.records import AnswerType, Example
from vpd.text.bare import bare
from vpd.text.choices import read_choice
from vpd.text.quantities import Quantity, agree, read_quantity
from vpd.text.same import same_text
from vpd.text.vqa import soft_accuracy
from vpd.text.yes_no import read_yes_no

CORRECT_FROM = 0.5
"""Soft accuracy from which an answer is correct: where ten people answered, two of them agree with it."""

_VOTES_FROM = 10
"""So many references are the votes of as many people; fewer are different ways to put one right answer."""

_MISREAD = {"yes_no": "neither yes nor no", "number": "not one number", "choice": "not one of the options"}


class Match(NamedTuple):
    """How an answer compares with the reference answers."""

    correct: bool
    score: float
    """Soft accuracy in [0, 1]."""
    matched: str | None
    """The first reference that the answer agrees with, even where too few do for it to be correct."""
    reason: str


def match(answer: str | None, example: Example) -> Match:
    """Compare an answer with the reference answers of its question.

    Answer and reference are read as the example's answer type (a yes or no, one number, an option) and must
    agree; a reference that cannot be read so is compared as open text.

    Fewer than ten references are alternatives: the score is 1 if any agrees, else 0. Ten or more are votes:
    the score is VQA accuracy (`vpd.text.vqa.soft_accuracy`), with ten votes 0.3, 0.6, 0.9 and 1 for one, two,
    three and more that agree. The answer is correct from `CORRECT_FROM`. `None` and text in which nothing can
    be seen are never an answer.
    """
    return _match(answer, example.answers, example.answer_type, example.choices)


@lru_cache(maxsize=4096)  # the same answers are compared in several places
def _match(
    answer: str | None, references: tuple[str, ...], answer_type: AnswerType, choices: tuple[str, ...]
) -> Match:
    if not references:
        return Match(False, 0.0, None, "there is no label to compare with")
    if answer is None or not bare(answer):
        return Match(False, 0.0, None, f"gave no answer; {_labels(references)}")
    agrees = {reference: _same(answer, reference, answer_type, choices) for reference in set(references)}
    agreeing = [reference for reference in references if agrees[reference]]
    said = f"said {_quoted(answer)}"
    if not agreeing:
        return Match(
            False, 0.0, None, f"{said}, {_misread(answer, answer_type, choices)}{_labels(references)}"
        )
    if len(references) < _VOTES_FROM:
        return Match(True, 1.0, agreeing[0], f"{said}, {_labels(agreeing[:1])}")
    score = soft_accuracy(len(agreeing), len(references))
    reason = f"{said}, as did {len(agreeing)} of {len(references)} people"
    return Match(score >= CORRECT_FROM, score, agreeing[0], reason)


def _same(answer: str, reference: str, answer_type: AnswerType, choices: tuple[str, ...]) -> bool:
    expected = read_as(reference, answer_type, choices)
    if expected is None:
        return same_text(answer, reference)
    found = read_as(answer, answer_type, choices)
    if isinstance(expected, Quantity) and isinstance(found, Quantity):
        return agree(found, expected)
    return found == expected


@lru_cache(maxsize=4096)  # the same few texts are read again and again
def read_as(text: str, answer_type: AnswerType, choices: tuple[str, ...]) -> bool | int | Quantity | None:
    """A text as an answer type; None if it is none of it, as open text always is."""
    match answer_type:
        case "yes_no":
            return read_yes_no(text)
        case "number":
            return read_quantity(text)
        case "choice":
            return read_choice(text, choices)
        case "open":
            return None


def _misread(answer: str, answer_type: AnswerType, choices: tuple[str, ...]) -> str:
    """Why a wrong answer could not even be compared, for the reason; '' if it could."""
    comparable = answer_type == "open" or read_as(answer, answer_type, choices) is not None
    return "" if comparable else f"which is {_MISREAD[answer_type]}; "


def _labels(references: Sequence[str]) -> str:
    distinct = [_quoted(reference) for reference, _ in Counter(references).most_common()]
    if len(distinct) == 1:
        return f"the label is {distinct[0]}"
    more = f" and {len(distinct) - 3} more" if len(distinct) > 3 else ""
    return f"the labels are {', '.join(distinct[:3])}{more}"


def _quoted(text: str, most: int = 80) -> str:
    line = " ".join(text.split())
    return f'"{line if len(line) <= most else line[: most - 1] + "…"}"'
